"""Rows as the worker leaves them, made directly: what the pages read, without what led to it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import msgspec

from ingest.domain.contract import Declared, PhaseSpec
from ingest.models import (
    Boot,
    Check,
    Contract,
    Deployment,
    Environment,
    Event,
    Instance,
    Phase,
    Release,
    Service,
    Socket,
    Tally,
)

NOW = datetime(2026, 9, 16, 1, 50, 47, tzinfo=UTC)
PHASES = (
    ("init", 0.14),
    ("dependencies", 0.62),
    ("database", 0.58),
    ("cache", 0.38),
    ("services", 1.40),
    ("websocket", 0.19),
    ("finalize", 0.11),
)  # name and duration in s
GATE = "services"
DECLARED = Declared(
    phases=tuple(PhaseSpec(name=name, required=name != "cache") for name, _ in PHASES),
    gate=GATE,
    budgets={"readiness_wait": 2.1},
)
numbers = count(1)


def environment(service: str = "chat-backend", name: str = "staging") -> Environment:
    """Get or make a service in an environment."""
    owner, _ = Service.objects.get_or_create(name=service)
    return Environment.objects.get_or_create(service=owner, name=name)[0]


def contract(place: Environment, declared: Declared = DECLARED) -> Contract:
    """Get or make a contract."""
    body = msgspec.json.encode(declared).decode()
    digest = f"{hash(body) & (2**64 - 1):064x}"
    known = {"digest": digest, "environment": place}
    version = Contract.objects.filter(environment=place).count() + 1
    return Contract.objects.get_or_create(**known, defaults={"version": version, "body": body})[0]


def boot(
    release: str = "r2",
    *,
    place: Environment | None = None,
    ident: str = "",
    instance: str = "",
    started_at: datetime = NOW - timedelta(minutes=5),
    phases: Sequence[tuple[str, float]] = PHASES,
    done: int | None = None,
    broken: tuple[str, str, str] | None = None,
    listening: float | None = None,
    state: str = "ready",
    **fields: Any,
) -> Boot:
    """Make a boot whose phases follow one another; `done` have ended, `broken` is (name, status, error)."""
    where = place or environment()
    number = next(numbers)
    ident = ident or f"{number * 0x9E3779B1 & 0xFFFFFFFF:08x}-boot"
    ends, total = [], 0.0
    for name, took in phases:
        total += took
        ends.append((name, total - took, total))
    passed = done is None and broken is None and any(name == GATE for name, _ in phases)
    gate = next((end for name, _, end in ends if name == GATE), None) if passed else None
    where.mark += 1
    where.save(update_fields=["mark"])
    exposed = listening is not None and (gate is None or listening < gate)
    known: dict[str, Any] = {
        "environment": where,
        "release": Release.objects.get_or_create(environment=where, name=release)[0],
        "instance": Instance.objects.get_or_create(environment=where, name=instance or f"i-{number}")[0],
        "contract": contract(where),
        "started_at": started_at,
        "facts_order": "",
        "first_seen_at": started_at + timedelta(seconds=1),
        "last_seen_at": started_at + timedelta(seconds=total),
        "last_age": total,
        "clock_offset": 0.0,
        "state": state,
        "ready_age": gate,
        "listening_age": listening,
        "exposed_from": listening if exposed else None,
        "exposed_to": gate if exposed else None,
        "mark": where.mark,
        **fields,
    }
    made = Boot.objects.create(ident=ident, **known)
    _phases(made, ends, done, broken)
    return made


def _phases(
    made: Boot,
    ends: Sequence[tuple[str, float, float]],
    done: int | None,
    broken: tuple[str, str, str] | None,
) -> None:
    for place, (name, start, end) in enumerate(ends):
        running = done is not None and place == done
        if done is not None and place > done:
            return
        status, error = "running" if running else "ok", ""
        if broken and name == broken[0]:
            _, status, error = broken
        phase(made, name, start, None if running else end, order=place, status=status, error=error)


def deployment(
    release: str = "r2", *, place: Environment | None = None, at: datetime = NOW, by: str = "", url: str = ""
) -> Deployment:
    """Make a deployment."""
    where = place or environment()
    where.mark += 1
    where.save(update_fields=["mark"])
    own = {"at": at, "by": by, "url": url, "received_at": at, "mark": where.mark}
    found = Release.objects.get_or_create(environment=where, name=release)[0]
    return Deployment.objects.create(environment=where, release=found, **own)


def phase(made: Boot, name: str, start: float, end: float | None, **fields: Any) -> Phase:
    """Make a run of a phase."""
    known = {"run": 0, "order": 50, "status": "ok", "kind": "work", "required": name != "cache", **fields}
    return Phase.objects.create(boot=made, name=name, started_age=start, ended_age=end, **known)


def socket(made: Boot, opened: float, cause: str = "false_start", **fields: Any) -> Socket:
    """Make a socket of a boot; without a cause it worked."""
    gate = made.ready_age
    early = gate is None or opened < gate
    known: dict[str, Any] = {
        "environment": made.environment,
        "key": f"s-{next(numbers)}",
        "opened_at": made.started_at + timedelta(seconds=opened),
        "opened_age": opened,
        "accepted_age": opened + 0.01,
        "ended_age": opened + 0.07,
        "outcome": "closed",
        "code": 1011 if cause else 1000,
        "code_seen_by": {"service": 1011 if cause else 1000},
        "origin": "app_error" if cause else "peer",
        "reason": "Service startup incomplete" if cause else "",
        "path": "/ws/chat",
        "reporters": ["service"],
        "cause": cause,
        "expected": cause in ("gated", "drain", "peer"),
        "certainty": "certain" if cause else "",
        "before_gate": early,
        "margin": gate - opened if gate is not None and early else None,
        "phases": [GATE] if early else [],
        "settled": True,
        "evidence": [
            {
                "name": "opened_age",
                "value": opened,
                "unit": "s",
                "basis": "measured",
                "events": ["service:5"],
            },
            {"name": "gate_time", "value": gate, "unit": "s", "basis": "measured", "events": ["service:9"]},
            {"name": "settle", "value": 10.0, "unit": "s", "basis": "configured", "events": []},
        ],
        **fields,
    }
    return Socket.objects.create(boot=made, **known)


def stray(
    name: str, at: datetime, candidates: str, *, place: Environment | None = None, cause: str = "unattributed"
) -> Socket:
    """Make a socket that only its client saw; `candidates` are ids of boots as evidence has them."""
    row: dict[str, Any] = {
        "name": "candidates",
        "value": candidates or None,
        "unit": None,
        "basis": "derived",
        "events": [],
    }
    return Socket.objects.create(
        environment=place or environment(),
        key=name,
        socket=name,
        opened_at=at,
        outcome="lost",
        code=1006,
        code_seen_by={"client": 1006},
        path="/ws/chat",
        reporters=["client"],
        cause=cause,
        certainty="unobserved" if cause else "",
        evidence=[row] if cause else [],
        settled=True,
    )


def check(made: Boot, name: str, *, ok: bool, waited: float, budget: float, at: float = 2.0) -> Check:
    """Make a finished check."""
    ref = f"service:{next(numbers)}"
    return Check.objects.create(boot=made, ref=ref, name=name, ok=ok, waited=waited, budget=budget, age=at)


def tally(made: Boot, kind: str, number: int, from_age: float = 60.0, to_age: float = 70.0) -> Tally:
    """Make a window of counted sockets."""
    own = {"ref": f"service:{next(numbers)}", "kind": kind, "count": number, "clients": number}
    return Tally.objects.create(boot=made, from_age=from_age, to_age=to_age, **own)


def event(made: Boot, kind: str, age: float, **carried: Any) -> Event:
    """Make a raw event."""
    seq = next(numbers)
    body = msgspec.json.encode({"kind": kind, "seq": seq, "age": age, **carried}).decode()
    own = {"role": "service", "reporter": "falsestart-python", "seq": seq, "kind": kind, "age": age}
    return Event.objects.create(
        boot=made, environment=made.environment, revision=1, body=body, received_at=NOW, **own
    )
