"""Names as rows: made once, found again, and apart where their owners are."""

import msgspec
import pytest

from ingest.domain.contract import Declared
from ingest.models import Contract, Environment, Service
from ingest.store import names

pytestmark = pytest.mark.django_db


def test_services_and_environments_are_made_once_and_found_again() -> None:
    wanted = {("chat", "prod"), ("chat", "staging"), ("mail", "prod")}
    first = names.environments(wanted)

    assert names.environments(wanted) == first
    assert (
        names.environments({("chat", "prod"), ("mail", "staging")})["chat", "prod"] == first["chat", "prod"]
    )
    assert (Service.objects.count(), Environment.objects.count()) == (2, 4)


def test_names_are_told_apart_by_case_and_space() -> None:
    found = names.environments({("chat", "prod"), ("Chat", "prod"), ("chat ", "prod"), ("chät", "prod")})
    assert len(set(found.values())) == 4


def test_the_same_release_or_instance_in_two_environments_is_two() -> None:
    one, other = names.environments({("chat", "prod"), ("chat", "staging")}).values()
    for rows in (names.releases, names.instances):
        wanted = {(one, "r1"), (other, "r1"), (one, "r2")}
        found = rows(wanted)
        assert (set(found), len(set(found.values()))) == (wanted, 3)
        assert rows(wanted) == found


def test_contracts_are_versioned_within_their_environment_without_gaps() -> None:
    one, other = names.environments({("chat", "prod"), ("chat", "staging")}).values()
    stated = [Declared(gate="a"), Declared(gate="b"), Declared(gate="a", settle=None)]
    for declared in stated:
        names.contracts([(one, declared)])
    names.contracts([(other, stated[0])])

    versions = Contract.objects.order_by("environment", "version").values_list("environment", "version")
    assert sorted(versions) == sorted([(one, 1), (one, 2), (other, 1)])


def test_canonical_json_is_equal_for_equal_contracts() -> None:
    texts = (b'{"gate": "g", "budgets": {"b": 1, "a": 2.0}}', b'{"budgets":{"a":2,"b":1.0},"gate":"g","x":1}')
    one, other = (msgspec.json.decode(text, type=Declared) for text in texts)

    assert names.canonical(one) == names.canonical(other) == '{"gate":"g","budgets":{"a":2.0,"b":1.0}}'
    assert names.digest(one) == names.digest(other)
