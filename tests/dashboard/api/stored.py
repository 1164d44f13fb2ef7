"""Rows as the store leaves them, made directly, so that reading is tested apart from understanding."""

from datetime import UTC, datetime, timedelta
from typing import Any

from ingest.models import (
    Boot,
    Check,
    Contract,
    Environment,
    Event,
    Instance,
    Phase,
    Release,
    Service,
    Socket,
    Tally,
)

START = datetime(2026, 9, 16, 1, 42, 53, 100_001, tzinfo=UTC)
EVIDENCE = [
    {"name": "margin", "value": 1.5, "unit": "s", "basis": "derived", "events": ["service:6", "service:7"]},
    {"name": "readiness budget", "value": 2.1, "unit": "s", "basis": "configured", "events": []},
    {"name": "close code", "value": 1011, "unit": None, "basis": "measured", "events": ["service:6"]},
]


def environment(service: str = "chat", name: str = "demo") -> Environment:
    """Return the environment of that name, made if need be."""
    owner, _ = Service.objects.get_or_create(name=service)
    return Environment.objects.get_or_create(service=owner, name=name)[0]


def boot(
    ident: str,
    *,
    within: Environment | None = None,
    release: str = "r1",
    instance: str = "i1",
    after: float = 0.0,
    **fields: Any,
) -> Boot:
    """Store a boot that started `after` seconds after `START`."""
    place = within or environment()
    started_at = START + timedelta(seconds=after)
    facts = {"started_at": started_at, "first_seen_at": started_at, "last_seen_at": started_at, **fields}
    return Boot.objects.create(
        ident=ident,
        environment=place,
        release=Release.objects.get_or_create(environment=place, name=release)[0],
        instance=Instance.objects.get_or_create(environment=place, name=instance)[0],
        facts_order="",
        **facts,
    )


def socket(of: Boot | None, key: str, opened_age: float | None = 1.0, **fields: Any) -> Socket:
    """Store a socket of a boot, or of none in the default environment."""
    opened_at = (of.started_at if of else START) + timedelta(seconds=opened_age or 0)
    facts = {"outcome": "open", "opened_at": opened_at, "reporters": ["service"], **fields}
    place = of.environment if of else environment()
    return Socket.objects.create(boot=of, environment=place, key=key, opened_age=opened_age, **facts)


def false_start(of: Boot, key: str, opened_age: float = 1.0, **fields: Any) -> Socket:
    """Store a socket that was closed with 1011 since it came before the gate."""
    facts = {
        "outcome": "closed",
        "code": 1011,
        "origin": "app_close",
        "cause": "false_start",
        "certainty": "certain",
        "before_gate": True,
        "evidence": EVIDENCE,
        "phases": ["services"],
        **fields,
    }
    return socket(of, key, opened_age, **facts)


def event(of: Boot, seq: int, *, revision: int = 1, **fields: Any) -> Event:
    """Store an event of a boot."""
    facts = {
        "role": "service",
        "reporter": "falsestart-python",
        "kind": "alive",
        "age": float(seq),
        "body": f'{{"kind":"alive","seq":{seq},"age":{seq}.0,"open":3}}',
        "received_at": START,
        **fields,
    }
    return Event.objects.create(boot=of, environment=of.environment, seq=seq, revision=revision, **facts)


def contract(of: Environment, body: str, version: int = 1) -> Contract:
    """Store a declared contract."""
    return Contract.objects.create(environment=of, version=version, body=body, digest=str(version))


def rich_boot() -> Boot:
    """Store a boot that has something of everything."""
    place = environment()
    body = (
        '{"phases":["init",{"name":"cache","required":false,"depends_on":["init"],"kind":"wait"},"services"]'
    )
    declared = contract(
        place, body + ',"budgets":{"readiness_wait":2.1},"codes":{"4001":"policy"}}', version=3
    )
    ages: dict[str, Any] = {
        "listening_age": 0.5,
        "ready_age": 2.5,
        "claimed_ready_age": 0.6,
        "ended_age": 9.0,
    }
    ended: dict[str, Any] = {"exit_code": 1, "exit_by": "self", "exposed_from": 0.5, "exposed_to": 2.5}
    stored = boot("b-1", contract=declared, state="crashed", region="us-central1", **ages, **ended)
    for order, (name, status, error) in enumerate(
        [("init", "ok", ""), ("cache", "timeout", "no answer"), ("services", "ok", "")]
    ):
        facts = {
            "order": order,
            "status": status,
            "kind": "work",
            "required": name != "cache",
            "error": error,
        }
        Phase.objects.create(boot=stored, name=name, run=0, started_age=order, ended_age=order + 0.5, **facts)
    Check.objects.create(
        boot=stored, ref="service:4", name="readiness", ok=False, waited=0.000157, budget=2.1, age=1.2
    )
    false_start(stored, "c-91", 1.0, socket="c-91", client="h:5e1c", path="/ws/chat", margin=1.5)
    socket(stored, "~service/p#7", None)
    socket(stored, "c-1", 0.9)
    Tally.objects.create(
        boot=stored,
        ref="service:9",
        kind="sockets.ended",
        from_age=60,
        to_age=70,
        code=1000,
        origin="peer",
        count=498,
    )
    return stored
