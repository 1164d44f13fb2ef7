"""Contracts have versions, whoever states them, and a person's latest is in force."""

from datetime import UTC, datetime

import msgspec
import pytest

from ingest.domain.contract import Declared
from ingest.models import Contract, Environment
from ingest.store import contracts, names

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 16, 12, tzinfo=UTC)
SLOW, SLOWER = Declared(settle=20.0), Declared(settle=30.0)


def environment(name: str = "prod") -> int:
    (pk,) = names.environments({("chat", name)}).values()
    return pk


def state(place: int, declared: Declared, after: int | None = None) -> int:
    return contracts.state(place, declared, by="mia", reason="slow disks", now=NOW, after=after)


def versions(place: int) -> list[tuple[int, str]]:
    rows = Contract.objects.filter(environment=place).order_by("version")
    return list(rows.values_list("version", "source"))


def test_declared_contracts_are_versioned_within_their_environment_without_gaps() -> None:
    one, other = environment("prod"), environment("staging")
    stated = [Declared(gate="a"), Declared(gate="b"), Declared(gate="a", settle=None)]
    for declared in stated:
        contracts.declare([(one, declared)])
    contracts.declare([(other, stated[0])])

    assert (versions(one), versions(other)) == ([(1, "declared"), (2, "declared")], [(1, "declared")])


def test_people_and_services_share_one_count_of_versions() -> None:
    place = environment()
    contracts.declare([(place, SLOW)])
    stated = state(place, SLOW)
    contracts.declare([(place, Declared(gate="b")), (place, SLOW)])

    assert stated == 2
    assert versions(place) == [(1, "declared"), (2, "person"), (3, "declared")]


def test_a_version_says_who_stated_it_when_and_why() -> None:
    state(environment(), SLOW)

    row = Contract.objects.values_list("stated_by", "reason", "created_at", "body").get()
    assert row == ("mia", "slow disks", NOW, '{"settle":20.0}')


def test_what_a_person_stated_last_is_in_force() -> None:
    place = environment()
    before = contracts.in_force(place)
    state(place, SLOW)
    state(place, SLOWER)

    assert (before, contracts.in_force(place)) == (None, SLOWER)
    assert contracts.in_force(environment("staging")) is None


def test_a_person_may_go_back_to_what_was_before() -> None:
    place = environment()
    assert [state(place, declared) for declared in (SLOW, SLOWER, SLOW)] == [1, 2, 3]
    assert contracts.in_force(place) == SLOW


def test_the_same_again_changes_nothing_even_where_the_writer_saw_an_older_version() -> None:
    place = environment()
    state(place, SLOW, after=0)
    Environment.objects.update(redecide_below=None)

    assert state(place, SLOW, after=0) == 1
    assert (Contract.objects.count(), Environment.objects.get().redecide_below) == (1, None)


def test_an_empty_statement_takes_everything_back_once_there_is_something() -> None:
    place = environment()
    assert state(place, Declared()) == 0
    state(place, SLOW)
    assert state(place, Declared()) == 2
    assert contracts.in_force(place) is None


def test_who_saw_an_older_version_is_refused_and_nothing_changes() -> None:
    place = environment()
    contracts.declare([(place, Declared(gate="a"))])
    contracts.declare([(place, Declared(gate="b"))])

    with pytest.raises(contracts.OvertakenError, match="version 2 has been stated meanwhile") as refused:
        state(place, SLOW, after=1)

    assert (refused.value.latest, Contract.objects.count()) == (2, 2)
    assert Environment.objects.get().redecide_below is None


def test_every_boot_of_the_environment_is_to_be_decided_again() -> None:
    place, other = environment("prod"), environment("staging")
    state(place, SLOW, after=0)

    below = dict(Environment.objects.values_list("pk", "redecide_below"))
    assert below == {place: contracts.EVERY_BOOT, other: None}


def test_canonical_json_is_equal_for_equal_contracts() -> None:
    texts = (b'{"gate": "g", "budgets": {"b": 1, "a": 2.0}}', b'{"budgets":{"a":2,"b":1.0},"gate":"g","x":1}')
    one, other = (msgspec.json.decode(text, type=Declared) for text in texts)

    assert (
        contracts.canonical(one) == contracts.canonical(other) == '{"gate":"g","budgets":{"a":2.0,"b":1.0}}'
    )
    assert contracts.digest(one) == contracts.digest(other)
