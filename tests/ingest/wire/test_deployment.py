"""What is told of a deployment is understood whole, or refused by the name of its field."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.wire.batch import Refused
from ingest.wire.deployment import MAX_BODY, Deployed, decode

TOLD = {"service": "chat", "release": "r2"}
STAMP = "A stamp must lie between 1970 and 2200"


def refusal(body: bytes) -> Refused:
    with pytest.raises(Refused) as refused:
        decode(body)
    return refused.value


def test_service_and_release_are_enough() -> None:
    assert decode(json.dumps(TOLD).encode()) == Deployed(service="chat", environment="default", release="r2")


def test_everything_that_can_be_told_is_kept() -> None:
    told = {
        "environment": "live",
        "at": "2026-09-16T03:42:53.1+02:00",
        "by": "ada",
        "url": "https://ci.example/7?a=b",
    }
    found = decode(json.dumps(TOLD | told).encode())
    at = datetime(2026, 9, 16, 1, 42, 53, 100_000, tzinfo=UTC)
    assert (found.environment, found.at, found.by, found.url) == ("live", at, "ada", told["url"])


@pytest.mark.parametrize("name", ["at", "by", "url"])
def test_null_is_as_good_as_nothing(name: str) -> None:
    assert getattr(decode(json.dumps({**TOLD, name: None}).encode()), name) is None


@pytest.mark.parametrize(
    ("told", "pointer"),
    [
        ({"service": ""}, "/service"),
        ({"service": None}, "/service"),
        ({"service": "x" * 201}, "/service"),
        ({"service": "a\0b"}, "/service"),
        ({"environment": ""}, "/environment"),
        ({"environment": None}, "/environment"),
        ({"release": 7}, "/release"),
        ({"release": "x" * 201}, "/release"),
        ({"by": "x" * 201}, "/by"),
        ({"by": "\0"}, "/by"),
        ({"at": "2026-09-16T01:42:53"}, "/at"),
        ({"at": "yesterday"}, "/at"),
        ({"at": 1_700_000_000}, "/at"),
        ({"at": "1969-12-31T23:00:00Z"}, "/at"),
        ({"at": "2200-01-01T00:00:01Z"}, "/at"),
        ({"url": "javascript:alert(1)"}, "/url"),
        ({"url": "ftp://a.example/"}, "/url"),
        ({"url": "https://"}, "/url"),
        ({"url": "https://ada:secret@a.example/"}, "/url"),
        ({"url": "https://a.example/ b"}, "/url"),
        ({"url": "https://a.example/\n"}, "/url"),
        ({"url": "https://a.example/\0"}, "/url"),
        ({"url": "https://a.example/" + "x" * 2000}, "/url"),
        ({"url": ""}, "/url"),
        ({"enviroment": "live"}, "/enviroment"),
        ({"a/b~c": 1}, "/a~1b~0c"),
    ],
)
def test_what_is_not_valid_is_named(told: dict[str, Any], pointer: str) -> None:
    refused = refusal(json.dumps(TOLD | told).encode())
    assert (refused.status, [found for found, _ in refused.errors]) == (422, [pointer])
    assert refused.detail == f"{pointer}: {refused.errors[0][1]}"


@pytest.mark.parametrize("name", ["service", "release"])
def test_what_is_missing_is_named(name: str) -> None:
    refused = refusal(json.dumps({key: value for key, value in TOLD.items() if key != name}).encode())
    detail = f"Object missing required field `{name}`"
    assert (refused.status, refused.errors) == (422, ((f"/{name}", detail),))


def test_a_stamp_out_of_range_is_told_the_range() -> None:
    assert refusal(json.dumps(TOLD | {"at": "2201-01-01T00:00:00Z"}).encode()).errors == (("/at", STAMP),)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"service": "\\ud800", "release": "r"}', b"{" * 5000])
def test_what_is_no_json_is_a_bad_request(body: bytes) -> None:
    assert refusal(body).status == 400


def test_what_is_no_object_is_refused_whole() -> None:
    assert refusal(b"[]").errors == (("", "Expected `object`, got `array`"),)


def test_what_is_too_large_is_not_read() -> None:
    assert refusal(b" " * (MAX_BODY + 1)).status == 413


JSON = st.recursive(st.none() | st.text() | st.floats(), st.lists).map(msgspec.json.encode)


@given(st.binary() | JSON)
def test_anything_else_is_refused_and_never_an_accident(body: bytes) -> None:
    assert refusal(body).status in (400, 422)
