"""Secrets and grants: what is kept, what it allows."""

import hashlib
import re
from datetime import UTC, datetime, timedelta

import pytest

from ingest.auth import MOST_ORIGINS, PREFIX, SHOWN, Grant, bearer, bound, digest, mint

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
    ("written", "origin"),
    [
        ("https://app.example.com", "https://app.example.com"),
        (" HTTPS://App.Example.com ", "https://app.example.com"),
        ("https://app.example.com:443", "https://app.example.com"),
        ("http://app.example.com:80", "http://app.example.com"),
        ("https://app.example.com:8443", "https://app.example.com:8443"),
        ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
    ],
)
def test_an_origin_is_kept_as_browsers_write_it(written: str, origin: str) -> None:
    assert bound("client", [written, origin]) == [origin]


@pytest.mark.parametrize(
    "junk",
    ["", "null", "*", "app.example.com", "https://", "https://*.example.com", "https://a/", "https://a/b",
     "https://a b", "https://u@a", "ftp://a", "https://a:", "https://bücher.example", "https://a\0"],
)  # fmt: skip
def test_what_is_no_origin_is_refused_by_name(junk: str) -> None:
    with pytest.raises(ValueError) as refused:
        bound("client", ["https://app.example.com", junk])
    example = "https://app.example.com"
    assert (
        str(refused.value) == f"{junk!r} is no origin; write scheme, host and port alone, such as {example}."
    )


def test_a_client_key_needs_an_origin_and_no_other_key_has_one() -> None:
    with pytest.raises(ValueError, match=r"^A client key needs at least one origin"):
        bound("client", [])
    with pytest.raises(ValueError, match=r"^Only a client key can be bound to origins\.$"):
        bound("write", ["https://app.example.com"])
    assert bound("write", []) == []


def test_a_key_is_bound_to_so_many_origins_and_no_more() -> None:
    many = [f"https://app-{n}.example.com" for n in range(MOST_ORIGINS)]
    assert bound("client", many) == sorted(many)
    with pytest.raises(ValueError, match=r"^A key can be bound to 50 origins\.$"):
        bound("client", [*many, "https://one-more.example.com"])
