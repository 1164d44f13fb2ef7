import gzip
import json
from datetime import UTC, datetime
from typing import Any

from falsestart import __version__
from falsestart.boot import Boot
from falsestart.envelope import Batch, build

BOOT = Boot(id="018f", parent=None, zero=0.0, started_at="2026-09-16T01:42:53.100Z", pid=7)
NOW = datetime(2026, 9, 16, 1, 42, 58, 700_000, tzinfo=UTC)


def batch_of(*events: dict[str, Any], contract: dict[str, Any] | None = None) -> Batch:
    return build(BOOT, {"service.name": "chat"}, contract or {}, events, now=NOW, age=5.6)


def body_of(batch: Batch) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(gzip.decompress(batch.body))
    return body


def test_a_batch_is_the_envelope_of_the_wire_format() -> None:
    event = {"seq": 1, "kind": "boot.ready", "age": 4.0}
    assert body_of(batch_of(event, contract={"gate": "services"})) == {
        "v": 1,
        "reporter": {"role": "service", "name": "falsestart-python", "version": __version__},
        "resource": {"service.name": "chat", "process.pid": 7},
        "boot": {
            "id": "018f",
            "started_at": "2026-09-16T01:42:53.100Z",
            "parent": None,
            "contract": {"gate": "services"},
        },
        "sent_at": "2026-09-16T01:42:58.700Z",
        "sent_age": 5.6,
        "events": [event],
    }


def test_what_is_unknown_is_left_out_of_an_event() -> None:
    (event,) = body_of(batch_of({"seq": 1, "kind": "socket.ended", "code": None}))["events"]
    assert event == {"seq": 1, "kind": "socket.ended"}


def test_the_same_events_make_the_same_bytes_and_key() -> None:
    events = [{"seq": 4, "kind": "alive"}, {"seq": 5, "kind": "alive"}]
    first, second = batch_of(*events), batch_of(*events)
    assert (first.body == second.body, first.key, second.key) == (True, "018f-4-2", "018f-4-2")


def test_an_event_that_is_no_json_is_left_out_and_its_neighbours_are_not() -> None:
    batch = batch_of(
        {"seq": 1, "kind": "boot.failed", "error": object()},
        {"seq": 2, "kind": "boot.listening", "age": float("nan")},
        {"seq": 3, "kind": "boot.ready", "age": 1.0},
    )
    assert (batch.unfit, body_of(batch)["events"]) == (2, [{"seq": 3, "kind": "boot.ready", "age": 1.0}])


def test_text_from_the_host_is_made_safe_and_ages_are_rounded_to_microseconds() -> None:
    (event,) = body_of(batch_of({"seq": 1, "path": "/\ud800\0", "age": 1.23456789}))["events"]
    assert event == {"seq": 1, "path": "/?", "age": 1.234568}
