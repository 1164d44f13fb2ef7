"""Names as rows: made once, found again, and apart where their owners are."""

import pytest

from ingest.models import Environment, Service
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
