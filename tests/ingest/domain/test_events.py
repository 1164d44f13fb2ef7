"""The vocabulary of events: when each happened, and in which order a boot's are told."""

import itertools
from typing import get_args

import pytest

from ingest.domain import events
from ingest.domain.events import (
    Alive,
    AnyEvent,
    BootReady,
    KnownEvent,
    Reported,
    SocketEnded,
    SocketOpened,
    SocketRejected,
    SocketsEnded,
    Unknown,
    happened,
    kind_of,
)
from ingest.domain.words import Role


def test_every_kind_says_what_it_is() -> None:
    assert [
        record.__name__ for record in get_args(KnownEvent) if not (record.__doc__ or "").endswith(".")
    ] == []


def test_kinds_are_sorted_into_what_reads_them_without_overlap() -> None:
    groups = (events.LIFECYCLE_KINDS, events.CHECK_KINDS, events.SOCKET_KINDS, events.TALLY_KINDS)
    assert [a & b for a, b in itertools.combinations(groups, 2) if a & b] == []
    assert events.KINDS - frozenset().union(*groups) == {"alive", "request.failed"}


@pytest.mark.parametrize(
    ("event", "age"),
    [
        (Alive(age=1.0), 1.0),
        (SocketOpened(opened_age=2.0), 2.0),
        (SocketOpened(opened_age=2.0, age=1.0), 1.0),
        (SocketEnded(opened_age=1.0, ended_age=3.0), 3.0),
        (SocketEnded(opened_age=1.0, ended_age=3.0, age=4.0), 4.0),
        (SocketEnded(opened_age=1.0), 1.0),
        (SocketEnded(ended_age=0.0, opened_age=-1.0), 0.0),
        (SocketRejected(ended_age=3.0), 3.0),
        (SocketEnded(), None),
        (SocketsEnded(from_age=60.0, to_age=70.0, count=1), 70.0),
        (Unknown(kind="later"), None),
        (Unknown(kind="later", age=5.0), 5.0),
    ],
)
def test_an_event_happened_at_the_most_telling_of_its_ages(event: AnyEvent, age: float | None) -> None:
    assert happened(event) == age


def test_a_kind_is_spelled_as_on_the_wire() -> None:
    assert (kind_of(BootReady(age=1.0)), kind_of(Unknown(kind="later"))) == ("boot.ready", "later")


def reported(event: AnyEvent, role: Role = Role.SERVICE) -> Reported:
    return Reported(role=role, reporter="p", event=event)


def test_evidence_refers_to_an_event_by_role_number_or_id_and_reporter() -> None:
    assert reported(BootReady(seq=6, age=1.0)).ref == "service:6@p"
    assert reported(SocketOpened(id="x"), Role.CLIENT).ref == "client:x@p"


def test_no_id_can_be_taken_for_a_reporters_name() -> None:
    refs = {
        Reported(role=Role.CLIENT, reporter=reporter, event=SocketOpened(id=ident)).ref
        for ident, reporter in (("a@b", "c"), ("a", "b@c"), ("a%40b", "c"))
    }
    assert refs == {"client:a%40b@c", "client:a@b@c", "client:a%2540b@c"}


def test_a_boots_events_have_one_order_whatever_order_they_came_in() -> None:
    told = [
        reported(BootReady(seq=9, age=1.0)),
        reported(BootReady(seq=1, age=2.0)),
        reported(BootReady(seq=2, age=2.0)),
        reported(BootReady(seq=1, age=2.0), Role.CLIENT),
        reported(Unknown(kind="later", seq=0)),
    ]
    for order in itertools.permutations(told):
        assert sorted(order, key=lambda one: one.order) == told
