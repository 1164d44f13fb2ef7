"""Secrets and grants: what is kept, what it allows."""

import hashlib
import re
from datetime import UTC, datetime, timedelta

import pytest

from ingest.auth import PREFIX, SHOWN, Grant, bearer, digest, mint, origin

NOW = datetime(2026, 9, 16, tzinfo=UTC)


def grant(service: str = "", environment: str = "", expires_at: datetime | None = None) -> Grant:
    return Grant(key_id=1, scope="write", service=service, environment=environment, expires_at=expires_at)


def test_a_secret_is_long_and_random_and_fit_for_a_header() -> None:
    secrets = {mint() for _ in range(100)}
    assert len(secrets) == 100
    assert [s for s in secrets if not re.fullmatch(r"fs_[A-Za-z0-9_-]{43}", s)] == []


def test_what_people_may_see_again_is_a_small_part_of_it() -> None:
    assert (SHOWN - len(PREFIX)) * 6 < 64  # bits of 256


def test_a_digest_is_all_that_has_to_be_kept() -> None:
    assert digest("fs_x") == hashlib.sha256(b"fs_x").hexdigest()


@pytest.mark.parametrize(
    ("header", "secret"),
    [
        ("Bearer fs_x", "fs_x"),
        ("bearer  fs_x ", "fs_x"),
        ("Bearer", None),
        ("Bearer ", None),
        ("", None),
        ("fs_x", None),
        ("Basic fs_x", None),
        ("Bearerfs_x", None),
    ],
)
def test_a_header_holds_a_secret_or_none(header: str, secret: str | None) -> None:
    assert bearer(header) == secret


@pytest.mark.parametrize(
    ("limits", "reaches"),
    [
        (("", ""), True),
        (("s", ""), True),
        (("", "e"), True),
        (("s", "e"), True),
        (("x", ""), False),
        (("s", "x"), False),
    ],
)
def test_a_grant_reaches_what_it_is_limited_to(limits: tuple[str, str], reaches: bool) -> None:
    assert grant(*limits).allows("s", "e") == reaches


def test_a_grant_ends_at_its_time_and_not_before() -> None:
    later = grant(expires_at=NOW)
    assert (later.expired(NOW - timedelta(microseconds=1)), later.expired(NOW)) == (False, True)
    assert grant().expired(NOW) is False


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("https://app.example.com", "https://app.example.com"),
        (" HTTPS://App.Example.com/ ", "https://app.example.com"),
        ("https://app.example.com:443", "https://app.example.com"),
        ("https://app.example.com:8443", "https://app.example.com:8443"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://staging:80", "http://staging"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_an_origin_is_kept_as_browsers_send_it(text: str, sent: str) -> None:
    assert origin(text) == sent


@pytest.mark.parametrize(
    "text",
    [
        "", "*", "null", "app.example.com", "//app.example.com", "https://", "https://a/b", "https://a?b",
        "https://a#b", "https://a?", "https://u:p@a", "ftp://a", "file:///a", "https://*.example.com",
        "https://a b", "https://a:0", "https://a:b", "https://a:65536", "https://a..b", "https://[::1", "\0",
    ],
)  # fmt: skip
def test_what_no_browser_sends_as_an_origin_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError) as refused:
        origin(text)
    assert str(refused.value) == f"{text!r} is no origin such as https://app.example.com"
