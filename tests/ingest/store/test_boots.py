"""What batches say of their boot: the latest statement counts, extremes are kept, order never matters."""

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from ingest.domain.words import Role
from ingest.models import Boot
from ingest.store.boots import BootRow, facts_order
from ingest.store.save import save_group
from ingest.wire.batch import Batch
from ingest.wire.native import decode
from tests.ingest.batches import STARTED, document, incoming, numbered

READY = {"seq": 1, "age": 1.0, "kind": "boot.ready"}


def batch(sent_age: float | None, release: str = "r1") -> Batch:
    sent = document([READY], release=release)
    return decode(msgspec.json.encode({**sent, "sent_age": sent_age}))


def row() -> BootRow:
    return BootRow(
        id=1,
        ident="b",
        environment_id=1,
        release_id=1,
        instance_id=1,
        contract_id=None,
        parent="",
        region="",
        pid=None,
        started_at=STARTED,
        facts_order="",
        last_age=None,
        served_age=None,
        promised=False,
        clock_offset=None,
        last_seen_at=STARTED,
        revision=0,
    )


def noted(*events: dict[str, Any], role: Role = Role.SERVICE) -> BootRow:
    made = row()
    for item in decode(msgspec.json.encode(document(numbered(events)))).items:
        made.note(item.event, role)
    return made


def test_statements_sort_by_the_age_at_which_they_were_sent() -> None:
    ages = [None, -1e9, -0.5, 0.0, 1e-6, 0.5, 2.0, 10.0, 1e9]
    orders = [facts_order(batch(age)) for age in ages]
    assert orders == sorted(orders)
    assert len(set(orders)) == len(ages)


def test_equal_ages_are_told_apart_by_content_and_equal_content_is_equal() -> None:
    one, other = batch(1.0, release="r1"), batch(1.0, release="r2")
    assert facts_order(one) != facts_order(other)
    assert facts_order(one) == facts_order(batch(1.0, release="r1"))


def test_the_greatest_age_is_kept() -> None:
    assert noted(READY, {"kind": "alive", "age": 0.5}).last_age == 1.0
    assert noted({"kind": "later"}).last_age is None


def test_the_first_socket_or_request_that_the_service_saw_is_kept() -> None:
    ended = {"kind": "socket.ended", "opened_age": 3.0, "ended_age": 9.0}
    opened = {"kind": "socket.opened", "age": 2.5}
    failed = {"kind": "request.failed", "age": 2.75, "path": "/"}

    assert noted(ended, opened, failed).served_age == 2.5
    assert noted(READY).served_age is None
    assert noted(opened, role=Role.CLIENT).served_age is None


def test_who_says_alive_once_has_promised() -> None:
    assert (noted({"kind": "alive", "age": 1.0}).promised, noted(READY).promised) == (True, False)


def test_the_clock_offset_is_the_least_delay_ever_seen() -> None:
    made = row()
    sent = incoming(document([READY], sent_age=1.0))
    for delay in (3.0, 0.25, 2.0):
        at = STARTED + timedelta(seconds=1.0 + delay)
        made.meet(replace(sent, received_at=at))
    assert (made.clock_offset, made.last_seen_at) == (0.25, STARTED + timedelta(seconds=4))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_boots_facts_are_the_same_in_any_order_of_arrival(order: tuple[int, ...]) -> None:
    sent = [
        document([{**READY, "seq": 1}], release="old", sent_age=1.0, contract=None),
        document([{**READY, "seq": 2}], release="new", instance="i", sent_age=5.0),
        document([{**READY, "seq": 3, "age": 8.0}], release="older", sent_age=0.5),
    ]
    for index in order:
        save_group([incoming(sent[index])])

    boot = Boot.objects.select_related("release", "instance", "contract").get()
    assert (boot.release.name, boot.instance.name, boot.contract is None) == ("new", "i", False)
    assert (boot.last_age, boot.revision) == (8.0, 3)


@pytest.mark.django_db(transaction=True)
def test_the_same_statement_again_moves_only_what_follows_from_when_it_was_sent() -> None:
    for seq, age in enumerate((1.0, 5.0)):
        sent = document([{**READY, "seq": seq}], instance="i", sent_age=age)
        del sent["boot"]["started_at"]
        sent["sent_at"] = (STARTED + timedelta(seconds=age + age / 10)).isoformat()
        save_group([incoming(sent)])

    boot = Boot.objects.select_related("release", "instance", "contract").get()
    assert (boot.release.name, boot.instance.name, boot.contract is None) == ("r1", "i", False)
    assert boot.started_at == STARTED + timedelta(seconds=0.5)
    assert boot.facts_order == facts_order(incoming(sent).batch)


@pytest.mark.django_db(transaction=True)
def test_boots_of_one_group_each_keep_their_own_latest_statement() -> None:
    said = [("a", "r1", 1.0), ("b", "r2", 4.0), ("a", "r3", 3.0), ("b", "r4", 2.0), ("a", "r5", 2.0)]
    group = [
        incoming(document([{**READY, "seq": seq}], boot=boot, release=release, sent_age=age))
        for seq, (boot, release, age) in enumerate(said)
    ]
    save_group(group[:2])
    save_group(group[2:])

    assert dict(Boot.objects.values_list("ident", "release__name")) == {"a": "r3", "b": "r2"}
