"""What a query parameter may hold: everything else is a 422 that names it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db

Get = Callable[..., Any]

LISTS = ("/api/v1/boots", "/api/v1/sockets")
BAD = [
    ("limit", "0"),
    ("limit", "501"),
    ("limit", "-1"),
    ("limit", "1.5"),
    ("limit", "many"),
    ("limit", ""),
    ("limit", "9" * 40),
    ("limit", "1" * 5_000),
    ("since", "yesterday"),
    ("since", "2026-09-16"),
    ("since", "2026-09-16T01:42:53"),
    ("since", "1789522973"),
    ("since", "2026-09-16T01:42:53 02:00"),
    ("since", "0001-01-01T00:00:00+14:00"),
    ("until", "9999-12-31T23:59:59-12:00"),
    ("until", "2026-02-30T00:00:00Z"),
    ("until", "\0"),
    ("code", "999"),
    ("code", "5000"),
    ("code", "1011; DROP TABLE boots"),
    ("code", "9" * 40),
    ("cause", "bad luck"),
    ("cause", ""),
    ("cause", "\0"),
    ("service", ""),
    ("service", "a\0b"),
    ("service", "x" * 201),
    ("environment", "\0"),
    ("release", "\0"),
    ("instance", "\0"),
    ("next", ""),
    ("next", "nonsense"),
    ("next", "é"),
    ("next", "\0"),
    ("next", "A" * 24),
    ("next", "dH____________________8"),
    ("next", "x" * 10_000),
    ("servcie", "chat"),
    ("a\0b", "1"),
]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_parameter_is_named(refused: Get, path: str, name: str, value: str) -> None:
    status, problem = refused(path, **{name: value})

    assert (status, problem["status"], problem["title"]) == (422, 422, "Invalid parameters")
    assert [error["parameter"] for error in problem["errors"]] == [name]


@pytest.mark.parametrize(("name", "value"), [("limit", "0"), ("next", "nonsense"), ("service", "chat")])
def test_a_bad_parameter_of_events_is_named(refused: Get, name: str, value: str) -> None:
    status, problem = refused("/api/v1/boots/b/events", **{name: value})

    assert (status, [error["parameter"] for error in problem["errors"]]) == (422, [name])


def test_only_boots_have_a_state(refused: Get) -> None:
    assert refused("/api/v1/boots", state="asleep")[1]["errors"][0]["parameter"] == "state"
    assert refused("/api/v1/sockets", state="ready")[1]["errors"][0]["parameter"] == "state"


def test_all_bad_parameters_are_named_at_once(refused: Get) -> None:
    _, problem = refused("/api/v1/boots", limit="x", code="y", since="z")

    assert sorted(error["parameter"] for error in problem["errors"]) == ["code", "limit", "since"]


def test_a_parameter_that_is_given_twice_is_refused(refused: Get) -> None:
    _, problem = refused("/api/v1/boots", service=["a", "b"])

    assert problem["errors"] == [{"parameter": "service", "detail": "is given more than once"}]


def test_a_time_without_an_offset_is_explained(refused: Get) -> None:
    _, problem = refused("/api/v1/boots", since="2026-09-16T01:42:53")

    detail = "must be an RFC 3339 time with an offset, as 2026-09-16T01:42:53Z; write a plus sign as %2B"
    assert problem["detail"] == f"since: {detail}"
    assert problem["errors"] == [{"parameter": "since", "detail": detail}]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "text",
    [
        "'; DROP TABLE ingest_boot; --",
        "%",
        "_",
        "\\",
        "💩",
        "\u202e",
        "\ud800",
        "a\nb",
        "<script>",
        "{{7*7}}",
    ],
)
def test_a_hostile_name_finds_nothing_and_breaks_nothing(reader: Client, path: str, text: str) -> None:
    query = quote(text, errors="surrogatepass")
    for name in ("service", "environment", "release", "instance"):
        response = reader.get(f"{path}?{name}={query}")
        assert (response.status_code, response.json()) == (200, {"items": [], "next": None})
