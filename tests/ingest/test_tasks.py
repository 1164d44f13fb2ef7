"""Correlation from stored events to recorded rows, by the real tasks on the real database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ingest import tasks
from ingest.models import Boot, Environment, Phase, Socket
from ingest.store import claim, load, record
from ingest.store.save import save_group
from tests.ingest.batches import document, ended, incoming, numbered, phases, race

pytestmark = [pytest.mark.integration, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("valkey")]


def correlate_all() -> None:
    tasks.correlate(list(Boot.objects.values_list("pk", flat=True)))


def test_early_failures_are_false_starts_and_a_late_one_is_not() -> None:
    save_group([incoming(document(race()))])
    correlate_all()

    boot = Boot.objects.get()
    causes = dict(Socket.objects.exclude(cause="").values_list("key", "cause"))

    assert (boot.state, boot.ready_age, boot.listening_age) == ("ready", 4.5, 2.0)
    assert causes == {
        "early-1": "false_start",
        "early-2": "false_start",
        "late": "application",
        "~service/probe#25": "gated",
    }
    assert Phase.objects.count() == 7


def test_a_socket_that_arrives_before_its_timeline_is_decided_again_when_that_comes() -> None:
    events = race()
    sockets = [e for e in events if e["kind"].startswith("socket")]
    save_group([incoming(document(sockets))])
    correlate_all()
    before = dict(Socket.objects.filter(socket="late").values_list("key", "cause"))

    save_group([incoming(document([e for e in events if e not in sockets]))])
    correlate_all()

    assert before == {"late": "false_start"}
    assert dict(Socket.objects.filter(socket="late").values_list("key", "cause")) == {"late": "application"}
    assert Socket.objects.get(socket="early-1").margin == 2.0


def test_a_result_that_was_overtaken_is_not_recorded() -> None:
    events = race()
    save_group([incoming(document(events[:4]))])
    pk = Boot.objects.get().pk
    now = datetime.now(UTC)
    old = load.case(pk)
    assert old is not None
    stale = record.Found(timeline=tasks._timeline(old, now), digest="stale", sockets=[], tallies=[])
    save_group([incoming(document(events[4:]))])
    correlate_all()

    assert record.boot(old, stale, {}) is None
    assert Boot.objects.get().state == "ready"


def test_what_arrives_while_a_boot_is_correlated_stays_due() -> None:
    events = race()
    save_group([incoming(document(events[:4]))])
    case = load.case(Boot.objects.get().pk)
    assert case is not None
    found = record.Found(
        timeline=tasks._timeline(case, datetime.now(UTC)), digest="first", sockets=[], tallies=[]
    )
    save_group([incoming(document(events[4:]))])

    record.boot(case, found, {})

    boot = Boot.objects.get()
    assert (boot.correlated_revision, boot.revision, boot.due_at is None) == (1, 2, False)


def test_the_sweep_finds_what_no_hint_told_of() -> None:
    save_group([incoming(document(race()))])
    Boot.objects.update(due_at=datetime.now(UTC) - claim.GRACE)

    tasks.sweep()

    assert Boot.objects.get().state == "ready"


def test_an_overdue_boot_is_claimed_once() -> None:
    save_group([incoming(document(race()))])
    now = datetime.now(UTC) + claim.GRACE

    assert [len(claim.boots(now)), len(claim.boots(now))] == [1, 0]


def test_a_boot_that_promised_to_stay_in_touch_falls_silent_and_comes_back() -> None:
    now = datetime.now(UTC)
    started = now - timedelta(seconds=40)
    alive = numbered([{"kind": "alive", "age": 1.0}, {"kind": "socket.opened", "socket": "s", "age": 1.0}])
    sent = document(alive, contract=None) | {"sent_at": (started + timedelta(seconds=1)).isoformat()}
    sent["boot"]["started_at"] = started.isoformat()
    arrived = replace(incoming(sent), received_at=started + timedelta(seconds=1))
    save_group([arrived])
    correlate_all()
    silent = (Boot.objects.get().state, Socket.objects.get().cause, Socket.objects.get().certainty)

    save_group([incoming(sent | {"events": numbered([{"kind": "alive", "age": 39.0}], 9)})])
    correlate_all()

    assert silent == ("silent", "crash", "ambiguous")
    assert (Boot.objects.get().state, Socket.objects.get().outcome) == ("starting", "open")
    due_at = Boot.objects.get().due_at
    assert due_at is not None
    assert due_at > now


def test_a_vanished_peer_is_certain_once_its_boot_is_seen_to_live_on() -> None:
    vanished = ended("s", 6.0, 1.0, origin="network")
    save_group(
        [incoming(document(numbered([*phases({"services": 1.0}), vanished]), contract={"gate": "services"}))]
    )
    correlate_all()
    first = Socket.objects.get()

    save_group(
        [incoming(document(numbered([{"kind": "alive", "age": 20.0}], 9), contract={"gate": "services"}))]
    )
    correlate_all()

    assert (first.cause, first.certainty, first.settled) == ("peer", "ambiguous", False)
    assert Socket.objects.values_list("cause", "certainty", "settled").get() == ("peer", "certain", True)


def test_nothing_new_records_nothing_and_moves_no_mark() -> None:
    save_group([incoming(document(race()))])
    correlate_all()
    before = (Environment.objects.get().mark, Boot.objects.get().correlated_revision)

    correlate_all()

    assert (Environment.objects.get().mark, Boot.objects.get().correlated_revision) == before
