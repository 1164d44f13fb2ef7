"""Correlation from stored events to recorded rows, by the real tasks on the real database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ingest import tasks
from ingest.domain.contract import Declared
from ingest.models import Boot, Check, Environment, Phase, Socket
from ingest.store import claim, contracts, load, record
from ingest.store.incoming import Incoming
from ingest.store.save import save_group
from tests.ingest.batches import STARTED, document, ended, incoming, numbered, phases, race
from tests.ingest.rows import everything

pytestmark = [
    pytest.mark.integration,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("valkey"),
]


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

    assert record.boot(old, stale, load.SocketNews(started_at=STARTED)) is None
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

    record.boot(case, found, load.SocketNews(started_at=STARTED))

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


def test_two_reporters_of_one_boot_may_number_their_checks_alike() -> None:
    check = {"kind": "check.finished", "age": 1.0, "check": "readiness", "ok": True}
    for reporter in ("probe", "sidecar"):
        save_group([incoming(document(numbered([check]), reporter=reporter))])
    correlate_all()

    assert Check.objects.count() == 2


def test_nothing_new_records_nothing_and_moves_no_mark() -> None:
    save_group([incoming(document(race()))])
    correlate_all()
    before = (Environment.objects.get().mark, Boot.objects.get().correlated_revision)

    correlate_all()

    assert (Environment.objects.get().mark, Boot.objects.get().correlated_revision) == before


def seen_by_client(socket: str, opened: float, ended: float, code: int) -> dict[str, object]:
    """What a browser knows: an id of its own making, and wall time."""
    stamps = {
        name: (STARTED + timedelta(seconds=age)).isoformat()
        for name, age in (("opened_at", opened), ("ended_at", ended))
    }
    return {
        "kind": "socket.ended",
        "id": f"js-{socket}",
        "socket": socket,
        "code": code,
        "origin": "peer",
    } | stamps


def tell_as_client(event: dict[str, object], instance: str = "") -> None:
    sent = document([event], boot=None, role="client", reporter="browser")
    if instance:
        sent["resource"]["service.instance.id"] = instance
    save_group([incoming(sent)])
    tasks.correlate_environments(list(Environment.objects.values_list("pk", flat=True)))


@pytest.mark.parametrize("client_first", [True, False])
def test_both_sides_of_a_socket_are_one_and_their_codes_stand_side_by_side(client_first: bool) -> None:
    def tell_as_service() -> None:
        save_group([incoming(document(race()))])
        correlate_all()

    told = [lambda: tell_as_client(seen_by_client("early-1", 2.5, 2.6, 1006)), tell_as_service]
    for tell in told if client_first else reversed(told):
        tell()
    tasks.correlate_environments(list(Environment.objects.values_list("pk", flat=True)))

    socket = Socket.objects.get(socket="early-1")
    assert (socket.cause, socket.code, socket.code_seen_by) == (
        "false_start",
        1011,
        {"service": 1011, "client": 1006},
    )
    assert (socket.reporters, socket.borrowed) == (["client", "service"], False)


def test_a_socket_that_only_its_client_saw_finds_the_only_boot_that_lived_then() -> None:
    save_group([incoming(document(race()))])
    correlate_all()

    tell_as_client(seen_by_client("unseen", 3.0, 3.1, 1006))

    socket = Socket.objects.select_related("boot").get(socket="unseen")
    assert socket.boot is not None
    assert (socket.boot.ident, socket.cause, socket.certainty) == ("boot-1", "false_start", "ambiguous")


def test_with_two_boots_alive_a_socket_without_one_lists_both() -> None:
    save_group([incoming(document(race())), incoming(document(race(), boot="boot-2"))])
    correlate_all()

    tell_as_client(seen_by_client("unseen", 3.0, 3.1, 1006))

    socket = Socket.objects.get(socket="unseen")
    assert (socket.boot, socket.cause, socket.certainty) == (None, "unattributed", "unobserved")
    assert [e["value"] for e in socket.evidence if e["name"].startswith("candidate")] == ["boot-1, boot-2"]


def test_a_socket_without_a_boot_is_news_once_for_those_that_it_may_belong_to() -> None:
    boots = [document(race(), boot=ident) for ident in ("boot-1", "boot-2", "boot-3")]
    boots[2]["boot"]["started_at"] = "2026-09-17T01:42:53Z"
    save_group([incoming(sent) for sent in boots])
    correlate_all()
    marks = []
    for tell in (None, tell_as_client, tell_as_client):
        if tell is not None:
            tell(seen_by_client("unseen", 3.0, 3.1, 1006))
        marks.append(dict(Boot.objects.values_list("ident", "mark")))

    before, after, again = marks
    assert [after[ident] > before[ident] for ident in sorted(after)] == [True, True, False]
    assert again == after


def look_again() -> None:
    """What the sweep does for the sockets without a boot of their own, when it is time."""
    tasks.correlate_environments(list(claim.environments(datetime.now(UTC) + claim.GRACE)))


def test_a_guess_is_taken_back_when_a_second_boot_turns_out_to_have_lived_then() -> None:
    save_group([incoming(document(race()))])
    correlate_all()
    tell_as_client(seen_by_client("unseen", 3.0, 3.1, 1006))
    guessed = Socket.objects.get(socket="unseen").boot

    save_group([incoming(document(race(), boot="boot-2"))])
    correlate_all()
    look_again()

    socket = Socket.objects.get(socket="unseen")
    assert guessed is not None
    assert (socket.boot, socket.cause, socket.borrowed) == (None, "unattributed", False)


def test_a_guess_is_taken_back_when_its_boot_turns_out_to_have_ended_before() -> None:
    save_group([incoming(document(race()))])
    correlate_all()
    tell_as_client(seen_by_client("unseen", 300.0, 300.1, 1006))
    guessed = Socket.objects.get(socket="unseen").boot

    save_group([incoming(document(numbered([{"kind": "boot.exited", "age": 60.0, "code": 0}], 99)))])
    correlate_all()
    look_again()

    assert guessed is not None
    assert Socket.objects.get(socket="unseen").boot is None


def test_a_socket_that_ended_well_finds_its_boot_when_that_arrives_too() -> None:
    tell_as_client(seen_by_client("well", 3.0, 3.1, 1000))
    save_group([incoming(document(race()))])
    correlate_all()
    look_again()

    boot = Socket.objects.select_related("boot").get(socket="well").boot
    assert boot is not None
    assert boot.ident == "boot-1"
    due = Boot.objects.get().revision
    look_again()
    assert Boot.objects.get().revision == due


def test_the_instance_that_a_client_names_decides_between_two_boots() -> None:
    save_group(
        [incoming(document(race(), instance="a")), incoming(document(race(), boot="boot-2", instance="b"))]
    )
    correlate_all()

    tell_as_client(seen_by_client("unseen", 3.0, 3.1, 1006), instance="b")

    boot = Socket.objects.get(socket="unseen").boot
    assert boot is not None
    assert boot.ident == "boot-2"


def test_a_socket_without_a_boot_is_decided_again_when_one_arrives() -> None:
    tell_as_client(seen_by_client("unseen", 3.0, 3.1, 1006))
    before = Socket.objects.get().cause
    save_group([incoming(document(race()))])
    correlate_all()

    tasks.correlate_environments(list(claim.environments(datetime.now(UTC) + claim.GRACE)))

    assert before == "unattributed"
    assert Socket.objects.get(socket="unseen").cause == "false_start"


def state(**fields: Any) -> int:
    """What a person states for the environment, as a new version."""
    place = Environment.objects.get().pk
    return contracts.state(place, Declared(**fields), by="mia", reason="", now=datetime.now(UTC))


def facts_of(socket: str) -> dict[str, tuple[object, str | None]]:
    evidence = Socket.objects.get(socket=socket).evidence
    return {fact["name"]: (fact["value"], fact["source"]) for fact in evidence}


def test_what_a_person_states_decides_every_boot_again_and_results_name_the_version() -> None:
    save_group([incoming(document(race()))])
    correlate_all()
    before = (Boot.objects.get().ready_age, facts_of("early-1")["settle"])

    version = state(gate="database", settle=20.0)
    tasks.sweep()

    boot = Boot.objects.select_related("contract", "person_contract").get()
    assert boot.contract is not None
    assert boot.person_contract is not None
    assert (boot.contract.version, boot.person_contract.version, boot.ready_age) == (1, version, 1.3)
    assert before == (4.5, (10.0, "default"))
    assert Socket.objects.get(socket="early-1").cause == "application"
    assert Environment.objects.get().redecide_below is None


def test_a_configured_value_says_that_a_person_set_it() -> None:
    save_group([incoming(document(race()))])
    correlate_all()
    state(settle=20.0)
    tasks.sweep()

    assert facts_of("early-1")["settle"] == (20.0, "a person, version 2")


def test_what_a_person_takes_back_is_as_if_it_had_never_been_said() -> None:
    save_group([incoming(document(race()))])
    correlate_all()
    before = everything()
    state(gate="database", settle=20.0)
    tasks.sweep()
    state()
    tasks.sweep()

    assert everything() == before
    assert Boot.objects.get().person_contract is None


def test_a_boot_that_comes_later_is_judged_by_what_a_person_stated_before() -> None:
    save_group([incoming(document(race(), boot="first"))])
    state(gate="database")
    tasks.sweep()
    save_group([incoming(document(race(), boot="second"))])
    correlate_all()

    assert set(Boot.objects.values_list("ready_age", flat=True)) == {1.3}


def test_boots_with_news_do_not_wait_for_those_that_a_person_concerns() -> None:
    save_group([incoming(document(race(), boot=f"b{n}")) for n in range(4)])
    correlate_all()
    state(gate="database")
    save_group([incoming(document(race(), boot="new"))])
    Boot.objects.filter(ident="new").update(due_at=datetime.now(UTC) - claim.GRACE)
    before, claim.AT_ONCE = claim.AT_ONCE, 1
    try:
        tasks.sweep()
    finally:
        claim.AT_ONCE = before

    states = dict(Boot.objects.values_list("ident", "ready_age"))
    assert states == {"new": 1.3} | {f"b{n}": 4.5 for n in range(4)}


def received(sent: dict[str, Any], late: float) -> Incoming:
    """A batch that arrives so many seconds after its `sent_at`."""
    return replace(
        incoming(sent),
        received_at=datetime.fromisoformat(sent["sent_at"]) + timedelta(seconds=late),
    )


def test_a_browser_whose_clock_seems_to_be_off_leaves_less_certain() -> None:
    save_group([received(document(race()), late=0.05)])
    seen = document([seen_by_client("unseen", 2.0, 2.1, 1006)], boot=None, role="client", reporter="tab")
    seen["resource"]["service.instance.id"] = "boot-1"
    save_group([received(seen, late=0.05)])
    correlate_all()
    tasks.correlate_environments([Environment.objects.get().pk])
    near = (Socket.objects.get(socket="unseen").certainty, facts_of("unseen")["clock_uncertainty"])

    other = document([seen_by_client("other", 2.0, 2.1, 1006)], boot=None, role="client", reporter="tab-2")
    other["resource"]["service.instance.id"] = "boot-1"
    save_group([received(other, late=5.05)])
    tasks.correlate_environments([Environment.objects.get().pk])

    assert near == ("certain", (1.0, "default"))
    assert Socket.objects.get(socket="other").certainty == "ambiguous"
    assert {name: facts_of("other")[name][0] for name in facts_of("other") if "clock" in name} == {
        "clock_uncertainty": 5.0,
        "clock offset of client@tab-2": 5.0,
        "clock offset of service": 0.0,
    }


def test_a_better_estimate_of_a_clock_decides_again_what_rested_on_the_one_before() -> None:
    save_group([received(document(race()), late=0.05)])
    correlate_all()
    seen = document([seen_by_client("unseen", 2.0, 2.1, 1006)], boot=None, role="client", reporter="tab")
    seen["resource"]["service.instance.id"] = "boot-1"
    save_group([received(seen, late=5.05)])
    tasks.correlate_environments([Environment.objects.get().pk])
    before = Socket.objects.get(socket="unseen").certainty

    save_group([received(seen, late=0.45)])
    look_again()

    assert before == "ambiguous"
    assert Socket.objects.get(socket="unseen").certainty == "certain"


def test_an_estimate_that_was_far_off_at_the_first_look_is_not_kept_once_it_is_better() -> None:
    told = document(race())
    seen = seen_by_client("open", 9.0, 9.5, 1011)
    save_group([received(told, late=5.05)])
    save_group([received(document([seen], boot=None, role="client", reporter="tab"), late=0.05)])
    tasks.correlate_environments([Environment.objects.get().pk])
    correlate_all()
    before = facts_of("open")["clock_uncertainty"]

    save_group([received({**told, "events": []}, late=0.45)])
    correlate_all()

    assert (before[0], facts_of("open")["clock_uncertainty"]) == (5.0, (1.0, "default"))


def test_a_gateway_that_tells_of_an_exit_takes_back_nothing_that_the_service_said() -> None:
    save_group([incoming(document(race()))])
    exit_ = {"seq": 1, "kind": "boot.exited", "age": 90.0, "signal": 9, "by": "platform"}
    late = document([exit_], role="gateway", release="unknown", contract=None, sent_age=95.0)
    save_group([incoming(late)])
    correlate_all()

    boot = Boot.objects.select_related("release").get()
    assert (boot.release.name, boot.ready_age, boot.state) == ("r1", 4.5, "crashed")
