"""Batches as a foreign client would write them: plain dictionaries, by the documentation."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from ingest.store.incoming import Incoming
from ingest.wire.native import decode

STARTED = datetime(2026, 9, 16, 1, 42, 53, 100_000, tzinfo=UTC)
PHASES = ("init", "dependencies", "database", "cache", "services", "websocket", "finalize")
CONTRACT: dict[str, Any] = {
    "phases": [*PHASES[:3], {"name": "cache", "required": False}, *PHASES[4:]],
    "gate": "services",
    "budgets": {"readiness_wait": 2.1},
}

Event = dict[str, Any]
Document = dict[str, Any]


def document(
    events: Sequence[Mapping[str, Any]],
    *,
    boot: str | None = "boot-1",
    role: str = "service",
    sent_age: float = 60.0,
    contract: Mapping[str, Any] | None = CONTRACT,
    **resource: str,
) -> Document:
    """A batch; resource attributes by their last word: `service`, `release`, `instance`."""
    names = {
        "service.name": resource.get("service", "chat-backend"),
        "service.version": resource.get("release", "r1"),
        "deployment.environment.name": resource.get("environment", "staging"),
    } | ({"service.instance.id": resource["instance"]} if "instance" in resource else {})
    facts = {"id": boot, "started_at": STARTED.isoformat(), "contract": contract}
    return {
        "v": 1,
        "reporter": {"role": role, "name": resource.get("reporter", "probe"), "version": "1.0.0"},
        "resource": names,
        "sent_at": (STARTED + timedelta(seconds=sent_age)).isoformat(),
        "sent_age": sent_age,
        "events": list(events),
    } | ({"boot": {k: v for k, v in facts.items() if v is not None}} if boot else {})


def incoming(sent: Document, *, key_id: int = 0, idempotency_key: str | None = None) -> Incoming:
    """What the receiver would hand to the store for a document."""
    body = msgspec.json.encode(sent)
    return Incoming(
        batch=decode(body),
        received_at=datetime.now(UTC),
        key_id=key_id,
        idempotency_key=idempotency_key,
        digest=str(hash(body)),
    )


def numbered(events: Iterable[Mapping[str, Any]], first: int = 1) -> list[Event]:
    """Give events their sequence numbers."""
    return [{"seq": seq, **event} for seq, event in enumerate(events, first)]


def phases(durations: Mapping[str, float], start: float = 0.0) -> list[Event]:
    """Phases one after another, each ending `ok` after its duration in seconds."""
    events: list[Event] = []
    age = start
    for name, duration in durations.items():
        events.append({"kind": "phase.started", "phase": name, "age": age})
        age = round(age + duration, 6)
        events.append({"kind": "phase.finished", "phase": name, "age": age, "status": "ok"})
    return events


def ended(socket: str, opened: float, after: float, **fields: Any) -> Event:
    """A socket that ended `after` seconds."""
    ages = {"opened_age": opened, "accepted_age": opened + 0.01, "ended_age": round(opened + after, 6)}
    return {"kind": "socket.ended", "socket": socket, "client": f"h:{socket}", "path": "/ws"} | ages | fields


def race() -> list[Event]:
    """A boot that listens at 2 s, passes its gate at 4.5 s, and fails two early sockets and one late one."""
    durations = dict(zip(PHASES, (0.2, 0.6, 0.5, 0.4, 2.8, 0.2, 0.1), strict=True))
    early = {"code": 1011, "origin": "app_error", "reason": "Service startup incomplete"}
    return numbered(
        [
            {"kind": "alive", "age": 0.0, "open": 0},
            *phases(durations),
            {"kind": "boot.listening", "age": 2.0},
            {"kind": "boot.ready", "age": 4.9},
            {
                "kind": "check.finished",
                "check": "readiness",
                "ok": False,
                "waited": 0.000157,
                "budget": 2.1,
                "age": 2.5,
            },
            {"kind": "socket.opened", "socket": "early-1", "age": 2.5},
            ended("early-1", 2.5, 0.06, **early),
            ended("early-2", 3.0, 0.07, **early),
            ended("late", 8.0, 0.5, code=1011, origin="app_error", reason="KeyError: session"),
            ended("good", 6.0, 4.0, code=1000, origin="peer"),
            {"kind": "socket.opened", "socket": "open", "age": 9.0},
            {
                "kind": "socket.rejected",
                "opened_age": 2.2,
                "ended_age": 2.3,
                "status": 503,
                "origin": "app_close",
            },
            {"kind": "sockets.opened", "from_age": 60, "to_age": 70, "count": 512, "clients": 480},
            {"kind": "something.new", "age": 70.0, "colour": "blue"},
        ]
    )
