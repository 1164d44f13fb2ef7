"""Scopes and filters: names become conditions on keys, and none widens another."""

import pytest
from django.db.models import Q

from dashboard.queries.scope import MAX_PARTS, Filters, Scope, parts, visible
from ingest.models import Boot
from tests.dashboard.api import stored

pytestmark = pytest.mark.django_db


def found(scope: Scope, filters: Filters) -> list[str]:
    """Return the boots that any of the parts holds."""
    rows = [Boot.objects.filter(part) for part in parts(scope, filters)]
    return sorted(boot.ident for part in rows for boot in part)


def test_asking_for_nothing_in_particular_is_one_walk_over_everything() -> None:
    assert parts(Scope(), Filters()) == [Q()]


def test_a_name_that_nobody_has_leaves_nothing_to_walk() -> None:
    assert parts(Scope(), Filters(service="nobody")) == []
    assert parts(Scope(service="nobody"), Filters()) == []
    assert parts(Scope(), Filters(release="nobody")) == []


def test_a_filter_narrows_a_scope_and_never_widens_it() -> None:
    stored.boot("a")
    stored.boot("b", within=stored.environment("shop", "live"))

    assert found(Scope(service="chat"), Filters(service="shop")) == []
    assert found(Scope(service="chat"), Filters(environment="live")) == []
    assert found(Scope(service="chat"), Filters(release="r1")) == ["a"]
    assert found(Scope(environment="live"), Filters(instance="i1")) == ["b"]
    assert found(Scope(), Filters(release="r1", instance="i1")) == ["a", "b"]


@pytest.mark.parametrize(("environments", "walks"), [(MAX_PARTS, MAX_PARTS), (MAX_PARTS + 1, 1)])
def test_few_environments_are_walked_one_by_one_and_many_at_once(environments: int, walks: int) -> None:
    for number in range(environments):
        stored.boot(f"b{number}", within=stored.environment("chat", f"e{number}"))

    assert len(parts(Scope(), Filters(service="chat"))) == walks
    assert len(found(Scope(), Filters(service="chat"))) == environments


def test_everything_is_visible_to_a_scope_without_limits() -> None:
    assert visible(Scope()) == Q()
