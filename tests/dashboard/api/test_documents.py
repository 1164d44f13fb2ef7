"""The shapes: their names are promised, so they are held to the letter."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from ingest.models import Socket
from tests.dashboard.api import stored

pytestmark = pytest.mark.django_db

Get = Callable[..., Any]

OF_BOOT = {
    "id",
    "service",
    "environment",
    "release",
    "instance",
    "region",
    "state",
    "started_at",
    "listening_age",
    "ready_age",
    "claimed_ready_age",
    "ended_age",
    "exit",
    "exposure",
}
OF_SOCKET = {
    "socket",
    "opened_age",
    "accepted_age",
    "ended_age",
    "outcome",
    "code",
    "code_seen_by",
    "codes_disagree",
    "status",
    "origin",
    "reason",
    "path",
    "client",
    "stands_for",
    "reporters",
    "cause",
    "expected",
    "certainty",
    "before_gate",
    "margin",
    "phases",
    "evidence",
}


def test_a_boot_has_exactly_the_promised_names(get: Get) -> None:
    stored.rich_boot()

    boot = get("/api/v1/boots/b-1")

    assert set(boot) == OF_BOOT | {"contract", "phases", "checks", "sockets", "tallies"}
    assert {frozenset(socket) for socket in boot["sockets"]} == {frozenset(OF_SOCKET)}


def test_a_boot_is_told_as_it_was_recorded(get: Get) -> None:
    stored.rich_boot()

    boot = get("/api/v1/boots/b-1")

    assert {name: boot[name] for name in OF_BOOT} == {
        "id": "b-1",
        "service": "chat",
        "environment": "demo",
        "release": "r1",
        "instance": "i1",
        "region": "us-central1",
        "state": "crashed",
        "started_at": "2026-09-16T01:42:53.100001Z",
        "listening_age": 0.5,
        "ready_age": 2.5,
        "claimed_ready_age": 0.6,
        "ended_age": 9.0,
        "exit": {"code": 1, "signal": None, "by": "self"},
        "exposure": {"from_age": 0.5, "to_age": 2.5},
    }


def test_phases_come_in_their_order(get: Get) -> None:
    stored.rich_boot()

    phases = get("/api/v1/boots/b-1")["phases"]

    assert [phase["name"] for phase in phases] == ["init", "cache", "services"]
    assert phases[1] == {
        "name": "cache",
        "parent": None,
        "status": "timeout",
        "kind": "work",
        "required": False,
        "started_age": 1.0,
        "ended_age": 1.5,
        "error": "no answer",
    }


def test_a_check_shows_what_it_waited_beside_its_budget(get: Get) -> None:
    stored.rich_boot()

    assert get("/api/v1/boots/b-1")["checks"] == [
        {"name": "readiness", "ok": False, "waited": 0.000157, "budget": 2.1, "age": 1.2, "phase": None}
    ]


def test_a_tally_is_told_whole(get: Get) -> None:
    stored.rich_boot()

    tally = {
        "kind": "sockets.ended",
        "from_age": 60.0,
        "to_age": 70.0,
        "code": 1000,
        "origin": "peer",
        "count": 498,
    }
    assert get("/api/v1/boots/b-1")["tallies"] == [{**tally, "clients": None}]


def test_the_contract_in_force_has_its_defaults_filled_in(get: Get) -> None:
    stored.rich_boot()

    phase = {"name": "init", "required": True, "depends_on": [], "kind": "work"}
    assert get("/api/v1/boots/b-1")["contract"] == {
        "version": 3,
        "person_version": None,
        "phases": [
            phase,
            {"name": "cache", "required": False, "depends_on": ["init"], "kind": "wait"},
            {**phase, "name": "services"},
        ],
        "gate": "services",
        "budgets": {"readiness_wait": 2.1},
        "settle": 10.0,
        "startup": 240.0,
        "clock_uncertainty": 1.0,
        "codes": {"4001": "policy"},
        "sources": dict.fromkeys(("phases", "gate", "budgets", "codes"), "declared, version 3"),
    }


def test_a_socket_carries_its_cause_and_evidence(get: Get) -> None:
    stored.rich_boot()

    assert get("/api/v1/boots/b-1")["sockets"][1] == {
        "socket": "c-91",
        "opened_age": 1.0,
        "accepted_age": None,
        "ended_age": None,
        "outcome": "closed",
        "code": 1011,
        "code_seen_by": {"service": None, "client": None, "gateway": None},
        "codes_disagree": False,
        "status": None,
        "origin": "app_close",
        "reason": None,
        "path": "/ws/chat",
        "client": "h:5e1c",
        "stands_for": 1,
        "reporters": ["service"],
        "cause": "false_start",
        "expected": False,
        "certainty": "certain",
        "before_gate": True,
        "margin": 1.5,
        "phases": ["services"],
        "evidence": stored.EVIDENCE,
    }


def test_sockets_come_by_opening_age_then_key_and_without_an_age_last(get: Get) -> None:
    boot = stored.boot("b-1")
    for key, age in (("z", None), ("b", 2.0), ("a", 2.0), ("c", -0.5), ("B", 2.0)):
        stored.socket(boot, key, age, socket=key)

    sockets = get("/api/v1/boots/b-1")["sockets"]

    assert [socket["socket"] for socket in sockets] == ["c", "B", "a", "b", "z"]


def test_what_is_not_known_is_null(get: Get) -> None:
    stored.socket(stored.boot("b-1"), "k")

    boot = get("/api/v1/boots/b-1")

    unknown = OF_BOOT - {"id", "service", "environment", "release", "instance", "state", "started_at"}
    assert {boot[name] for name in unknown | {"contract"}} == {None}
    told = {"opened_age", "outcome", "code_seen_by", "codes_disagree", "stands_for", "reporters", "expected"}
    told |= {"phases", "evidence"}
    assert {boot["sockets"][0][name] for name in OF_SOCKET - told} == {None}


def test_an_exposure_that_lasts_has_no_end(get: Get) -> None:
    stored.boot("b-1", exposed_from=0.25)

    assert get("/api/v1/boots/b-1")["exposure"] == {"from_age": 0.25, "to_age": None}


def test_a_boot_that_ended_nobody_knows_how_has_an_exit_of_nulls(get: Get) -> None:
    stored.boot("b-1", ended_age=3.0)

    assert get("/api/v1/boots/b-1")["exit"] == {"code": None, "signal": None, "by": None}


def test_both_sides_of_a_disagreement_on_the_code_are_told(get: Get) -> None:
    stored.socket(stored.boot("b-1"), "k", code=1013, code_seen_by={"service": 1013, "client": 1011})

    socket = get("/api/v1/boots/b-1")["sockets"][0]
    seen = socket["code_seen_by"]

    assert seen == {"service": 1013, "client": 1011, "gateway": None}


def test_evidence_keeps_the_type_of_its_values(get: Get) -> None:
    values = [1, 1.0, True, "1", None]
    evidence = [{**stored.EVIDENCE[0], "value": value} for value in values]
    stored.socket(stored.boot("b-1"), "k", evidence=evidence)

    told = [item["value"] for item in get("/api/v1/boots/b-1")["sockets"][0]["evidence"]]

    assert [(type(value), value) for value in told] == [(type(value), value) for value in values]


def test_a_listed_boot_has_counts_instead_of_what_belongs_to_it(get: Get) -> None:
    boot = stored.rich_boot()
    stored.false_start(boot, "sampled", stands_for=10)
    stored.socket(boot, "polite", cause="gated", expected=True)

    items = get("/api/v1/boots")["items"]

    assert [set(item) for item in items] == [OF_BOOT | {"counts"}]
    assert items[0]["counts"] == {"sockets": 14, "failed": 11, "false_starts": 11}


def test_a_listed_boot_without_sockets_counts_none(get: Get) -> None:
    stored.boot("b-1")

    assert get("/api/v1/boots")["items"][0]["counts"] == {"sockets": 0, "failed": 0, "false_starts": 0}


def test_a_listed_socket_names_its_boot(get: Get) -> None:
    stored.socket(stored.boot("b-1", region="eu"), "k", 1.5)

    [item] = get("/api/v1/sockets")["items"]

    names = {"boot", "service", "environment", "release", "instance", "region", "opened_at"}
    assert set(item) == OF_SOCKET | names
    assert {name: item[name] for name in names} == {
        "boot": "b-1",
        "service": "chat",
        "environment": "demo",
        "release": "r1",
        "instance": "i1",
        "region": "eu",
        "opened_at": "2026-09-16T01:42:54.600001Z",
    }


def test_a_socket_without_a_boot_is_listed_without_its_names(get: Get) -> None:
    stored.socket(None, "k", None, cause="unattributed", certainty="unobserved")

    [item] = get("/api/v1/sockets")["items"]

    names = ("boot", "service", "environment", "release", "instance", "region")
    assert [item[name] for name in names] == [None, "chat", "demo", None, None, None]


def test_an_event_is_told_as_it_was_reported(get: Get) -> None:
    stored.event(stored.boot("b-1"), 4, at=stored.START)

    assert get("/api/v1/boots/b-1/events") == {
        "items": [
            {
                "role": "service",
                "reporter": "falsestart-python",
                "seq": 4,
                "id": None,
                "kind": "alive",
                "age": 4.0,
                "at": "2026-09-16T01:42:53.100001Z",
                "received_at": "2026-09-16T01:42:53.100001Z",
                "event": {"kind": "alive", "seq": 4, "age": 4.0, "open": 3},
            }
        ],
        "next": None,
    }


def test_an_event_of_an_unknown_kind_is_told_whole(get: Get) -> None:
    body = '{"kind":"moon.rose","seq":1,"deep":[{"er":[1,2.5,null,"\\u2028</script>"]}]}'
    stored.event(stored.boot("b-1"), 1, kind="moon.rose", age=None, body=body)

    [item] = get("/api/v1/boots/b-1/events")["items"]

    assert (item["kind"], item["age"]) == ("moon.rose", None)
    assert item["event"]["deep"] == [{"er": [1, 2.5, None, "\u2028</script>"]}]


def test_an_event_is_passed_on_however_deep_and_exact_it_is(reader: Client) -> None:
    body = '{"kind":"moon.rose","seq":1,"n":12345678901234567890.10,"deep":' + "[" * 700 + "]" * 700 + "}"
    stored.event(stored.boot("b-1"), 1, kind="moon.rose", age=None, body=body)

    response = reader.get("/api/v1/boots/b-1/events")

    assert (response.status_code, body.encode() in response.content) == (200, True)


def test_a_boot_of_ten_thousand_sockets_is_told_within_a_second(reader: Client) -> None:
    boot = stored.boot("b-1")
    names = {"boot": boot, "environment": boot.environment, "opened_at": boot.started_at}
    facts = {"outcome": "closed", "code": 1011, "origin": "app_error", "cause": "false_start"}
    Socket.objects.bulk_create(
        Socket(
            **names, **facts, key=f"k{n}", opened_age=n / 100, reporters=["service"], evidence=stored.EVIDENCE
        )
        for n in range(10_000)
    )

    def told() -> float:
        began = time.process_time()  # of this process: others compete for the machine while tests run
        assert reader.get("/api/v1/boots/b-1").content.count(b'"opened_age"') == 10_000
        return time.process_time() - began

    assert min(told() for _ in range(3)) < 1.0  # a collection of the tests' own garbage may fall into one
