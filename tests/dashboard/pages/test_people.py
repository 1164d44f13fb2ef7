"""People and what they did, in words."""

from datetime import UTC, datetime
from typing import Any

import pytest

from dashboard.pages import people as words
from dashboard.queries.audit import Entry
from dashboard.queries.people import Lock, Person
from ingest.domain.people import Role

AT = datetime(2026, 9, 16, 12, tzinfo=UTC)
LOCK = Lock(username="ada", address="10.0.0.1", failures=5, until=AT)


def person(**fields: Any) -> Person:
    known: dict[str, Any] = {
        "id": 1, "username": "ada", "role": Role.VIEWER, "active": True, "invited": False,
        "last_sign_in": None, "joined": AT,
    }  # fmt: skip
    return Person(**{**known, **fields})


@pytest.mark.parametrize(
    ("fields", "locks", "state"),
    [
        ({}, [], "active"),
        ({"invited": True}, [], "has set no password"),
        ({"role": None}, [], "no role"),
        ({}, [LOCK], "sign-in locked"),
        ({"username": "grace"}, [LOCK], "active"),
        ({"active": False}, [LOCK], "deactivated"),
    ],
)
def test_an_account_has_one_state(fields: dict[str, Any], locks: list[Lock], state: str) -> None:
    shown = words.shown(person(**fields), locks)
    assert (shown.state, (shown.icon, shown.colour)) == (state, words.STATES[state])


@pytest.mark.parametrize(
    ("people", "locks", "title"),
    [
        ([person()], [], "1 person can sign in"),
        ([person(), person(invited=True), person(active=False)], [], "1 person can sign in"),
        ([person(), person()], [LOCK], "2 people can sign in, 1 sign-in locked"),
    ],
)
def test_the_title_counts_who_can_sign_in(people: list[Person], locks: list[Lock], title: str) -> None:
    assert words.title_of(people, locks) == title


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        ({}, "ada is a viewer"),
        ({"role": Role.ADMIN}, "ada is an admin"),
        ({"role": None}, "ada has no role"),
        ({"active": False}, "ada cannot sign in"),
    ],
)
def test_a_page_says_what_somebody_is(fields: dict[str, Any], title: str) -> None:
    assert words.title_of_one(person(**fields)) == title


def test_what_changed_is_told_field_by_field() -> None:
    entry = Entry(
        id=1, at=AT, by="ada", act="x", subject="y",
        before={"role": "viewer"},
        after={"role": "admin", "origins": ["a", "b"], "service": None, "expires": "2027-02-26T00:54+00:00"},
    )  # fmt: skip
    assert words.changes(entry) == [
        ("role", "viewer → admin"),
        ("origins", "a, b"),
        ("service", "none"),
        ("expires", "2027-02-26 00:54 UTC"),
    ]


@pytest.mark.parametrize(
    ("number", "title"), [(0, "Nothing has been done yet"), (1, "1 act on record"), (2, "2 acts on record")]
)
def test_the_trail_says_how_long_it_is(number: int, title: str) -> None:
    assert words.acts_title(number) == title
