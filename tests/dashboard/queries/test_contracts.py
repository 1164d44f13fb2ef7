"""What a contract is made of, as it is stored."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.queries import contracts as rows
from ingest.domain.contract import Declared
from ingest.models import Environment
from ingest.store import contracts
from tests.dashboard import builder

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> Environment:
    return builder.environment()


def stated(place: Environment, declared: Declared) -> None:
    contracts.state(place.pk, declared, by="ada", reason="because", now=timezone.now())


def found(place: Environment) -> rows.Terms:
    terms = rows.terms(place.service.name, place.name)
    assert terms is not None
    return terms


def test_what_the_newest_boot_declared_counts_and_not_the_newest_version(place: Environment) -> None:
    first, second = (builder.contract(place, Declared(settle=settle)) for settle in (1, 2))
    builder.boot("r1", place=place, contract=second, started_at=builder.NOW - timedelta(hours=1))
    builder.boot("r2", place=place, contract=first, started_at=builder.NOW)
    builder.boot("r3", place=place, contract=None, started_at=builder.NOW + timedelta(hours=1))
    terms = found(place)
    assert (terms.release, terms.by_service) == ("r2", Declared(settle=1))


def test_what_people_state_last_counts(place: Environment) -> None:
    for settle in (1, 2):
        stated(place, Declared(settle=settle))
    terms = found(place)
    assert terms.person is not None
    assert (terms.person.version, terms.person.by, terms.person.reason, terms.by_person) == (
        2, "ada", "because", Declared(settle=2),
    )  # fmt: skip


def test_a_statement_taken_back_is_none(place: Environment) -> None:
    stated(place, Declared(settle=1))
    stated(place, Declared())
    terms = found(place)
    assert (terms.person, terms.by_person, terms.latest) == (None, None, 2)


def test_a_place_without_any_contract_has_none(place: Environment) -> None:
    terms = found(place)
    assert (terms.declared, terms.person, terms.release, terms.latest) == (None, None, "", 0)


def test_what_does_not_exist_is_none() -> None:
    assert rows.terms("no", "where") is None


def test_the_history_has_every_version_newest_first(place: Environment) -> None:
    builder.contract(place, Declared(settle=9))
    stated(place, Declared(settle=1))
    assert [(v.version, v.by_person, v.stated) for v in rows.history(place.pk)] == [
        (2, True, Declared(settle=1)),
        (1, False, Declared(settle=9)),
    ]


def test_listing_places_costs_the_same_for_many() -> None:
    for number in range(8):
        builder.boot("r1", place=builder.environment(f"s{number}"))
    with CaptureQueriesContext(connection) as statements:
        listed = rows.places()
    assert (len(statements), [terms.place.service for terms in listed]) == (2, [f"s{n}" for n in range(8)])
