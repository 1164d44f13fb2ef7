"""What is overdue is claimed once, by whoever comes first, and only for a while."""

from datetime import UTC, datetime, timedelta

import pytest

from ingest.domain.contract import Declared
from ingest.models import Batch, Boot, Environment, Key
from ingest.store import claim, contracts
from ingest.store.answers import ANSWERS_KEPT
from ingest.store.save import save_group
from tests.ingest.batches import document, incoming

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 9, 16, 12, tzinfo=UTC)
READY = {"seq": 1, "age": 1.0, "kind": "boot.ready"}


def boots(*due: datetime | None) -> list[int]:
    """Boots that are due at these times."""
    save_group([incoming(document([READY], boot=f"b{n}")) for n in range(len(due))])
    pks = list(Boot.objects.order_by("ident").values_list("pk", flat=True))
    for pk, due_at in zip(pks, due, strict=True):
        Boot.objects.filter(pk=pk).update(due_at=due_at)
    return pks


def test_only_what_is_overdue_is_claimed_the_oldest_first() -> None:
    late, later, fresh, idle = boots(NOW - timedelta(10), NOW - timedelta(20), NOW, None)

    assert claim.boots(NOW) == [later, late]
    assert claim.boots(NOW + claim.GRACE) == [fresh]
    assert Boot.objects.get(pk=idle).due_at is None


def test_a_claim_is_a_lease_that_ends() -> None:
    (pk,) = boots(NOW - claim.GRACE)

    assert claim.boots(NOW) == [pk]
    assert claim.boots(NOW + claim.LEASE) == []
    assert claim.boots(NOW + claim.LEASE + claim.GRACE) == [pk]


def test_who_comes_second_gets_nothing() -> None:
    (pk,) = boots(NOW - claim.GRACE)
    due_at = Boot.objects.get().due_at

    assert [claim._claim(pk, due_at, NOW), claim._claim(pk, due_at, NOW)] == [True, False]


def test_a_boot_without_news_gets_a_revision_and_one_with_news_has_one() -> None:
    idle, fresh = boots(NOW - claim.GRACE, NOW - claim.GRACE)
    Boot.objects.filter(pk=idle).update(correlated_revision=1)
    claim.boots(NOW)

    assert dict(Boot.objects.values_list("pk", "revision")) == {idle: 2, fresh: 1}


def test_one_claim_takes_no_more_than_it_may() -> None:
    boots(*[NOW - claim.GRACE] * 5)
    before, claim_at_once = claim.AT_ONCE, 3
    claim.AT_ONCE = claim_at_once
    try:
        assert [len(claim.boots(NOW)), len(claim.boots(NOW)), len(claim.boots(NOW))] == [3, 2, 0]
    finally:
        claim.AT_ONCE = before


def test_environments_are_claimed_in_the_same_way() -> None:
    event = {"kind": "socket.opened", "id": "1", "at": NOW.isoformat(), "socket": "s"}
    save_group([incoming(document([event], boot=None, role="client"))])
    Environment.objects.update(due_at=NOW - claim.GRACE)
    pk = Environment.objects.get().pk

    assert [claim.environments(NOW), claim.environments(NOW)] == [[pk], []]


def test_answers_are_forgotten_when_nobody_may_ask_for_them_any_more() -> None:
    key = Key.objects.create(digest="d", prefix="fs_", scope="write")
    for name, age in (("old", ANSWERS_KEPT + timedelta(seconds=1)), ("kept", ANSWERS_KEPT)):
        Batch.objects.create(key=key, idempotency_key=name, digest="", answer="{}", created_at=NOW - age)

    assert claim.forget_answers(NOW) == 1
    assert list(Batch.objects.values_list("idempotency_key", flat=True)) == ["kept"]


def restated(*judged: str) -> dict[str, int]:
    """Boots by id, of which these were judged by what a person states now."""
    boots(*[None] * 4)
    place = Environment.objects.get().pk
    contracts.state(place, Declared(settle=1.0), by="mia", reason="", now=NOW)
    stated = contracts.stated_in(place)
    assert stated is not None
    Boot.objects.update(correlated_revision=1)
    Boot.objects.filter(ident__in=judged).update(person_contract=stated.id)
    return dict(Boot.objects.values_list("ident", "pk"))


def test_boots_whose_contract_a_person_changed_are_claimed_a_few_at_a_time_the_newest_first() -> None:
    pks = restated()
    before, claim.AT_ONCE = claim.AT_ONCE, 3
    try:
        claimed = [list(claim.redecided(NOW)) for _ in range(3)]
    finally:
        claim.AT_ONCE = before

    assert claimed == [[pks["b3"], pks["b2"], pks["b1"]], [pks["b0"]], []]
    assert Environment.objects.get().redecide_below is None
    assert set(Boot.objects.values_list("revision", "due_at")) == {(2, NOW + claim.LEASE)}


def test_a_boot_that_was_judged_by_that_version_already_is_left_alone() -> None:
    pks = restated("b1", "b3")

    assert list(claim.redecided(NOW)) == [pks["b2"], pks["b0"]]
    assert dict(Boot.objects.values_list("ident", "revision")) == {"b0": 2, "b1": 1, "b2": 2, "b3": 1}


def test_a_statement_that_comes_while_boots_are_decided_again_begins_anew() -> None:
    pks = restated()
    before, claim.AT_ONCE = claim.AT_ONCE, 2
    try:
        first = list(claim.redecided(NOW))
        contracts.state(Environment.objects.get().pk, Declared(settle=2.0), by="mia", reason="", now=NOW)
        second = [list(claim.redecided(NOW)) for _ in range(2)]
    finally:
        claim.AT_ONCE = before

    assert (first, second) == (
        [pks["b3"], pks["b2"]],
        [[pks["b3"], pks["b2"]], [pks["b1"], pks["b0"]]],
    )
