"""Short words for writing boots and sockets in tests. Ages in seconds."""

from itertools import count
from typing import Any

from ingest.domain.causes import Attribution, attribute
from ingest.domain.contract import Contract, PhaseSpec
from ingest.domain.events import (
    BootDegraded,
    BootDraining,
    BootExited,
    BootFailed,
    BootListening,
    BootReady,
    PhaseFinished,
    PhaseStarted,
    Reported,
    SocketEnded,
    SocketOpened,
    SocketRejected,
)
from ingest.domain.sockets import SocketFacts, merge
from ingest.domain.timeline import Timeline, build
from ingest.domain.words import Cause, Origin, PhaseStatus, Role

CONTRACT = Contract(
    phases=(
        PhaseSpec(name="database"),
        PhaseSpec(name="cache", required=False),
        PhaseSpec(name="services"),
        PhaseSpec(name="finalize"),
    ),
    gate="services",
    codes={"4001": "policy", "4100": "expected", "4200": "application"},
)
NO_CONTRACT = Contract()

_numbers = count(1)


def told(kind: type, role: Role = Role.SERVICE, *, reporter: str = "probe", **fields: Any) -> Reported:
    """Report an event; a number is given to it where none is named."""
    fields.setdefault("seq", next(_numbers))
    return Reported(role=role, reporter=reporter, event=kind(**fields))


def started(name: str, age: float, role: Role = Role.SERVICE, **fields: Any) -> Reported:
    return told(PhaseStarted, role, phase=name, age=age, **fields)


def finished(
    name: str, age: float, status: PhaseStatus = PhaseStatus.OK, role: Role = Role.SERVICE, **fields: Any
) -> Reported:
    return told(PhaseFinished, role, phase=name, age=age, status=status, **fields)


def ran(name: str, start: float, end: float, status: PhaseStatus = PhaseStatus.OK) -> list[Reported]:
    return [started(name, start), finished(name, end, status)]


def listening(age: float) -> Reported:
    return told(BootListening, age=age)


def ready(age: float) -> Reported:
    return told(BootReady, age=age)


def bypassed(age: float, *names: str) -> Reported:
    return told(BootDegraded, age=age, bypassed=names)


def failed(age: float) -> Reported:
    return told(BootFailed, age=age)


def draining(age: float) -> Reported:
    return told(BootDraining, age=age)


def exited(age: float, role: Role = Role.SERVICE, **fields: Any) -> Reported:
    return told(BootExited, role, age=age, **fields)


def good_start() -> list[Reported]:
    """A boot that listens at 1 and passes its gate at 4."""
    return [listening(1.0), *ran("database", 0.0, 2.0), *ran("services", 2.0, 4.0)]


def boot(
    *events: Reported,
    contract: Contract = CONTRACT,
    first_served: float | None = None,
    horizon: float | None = None,
    promised: bool = False,
    now_age: float | None = None,
) -> Timeline:
    return build(
        events,
        contract,
        first_served=first_served,
        horizon=horizon,
        promised=promised,
        now_age=now_age,
    )


def opening(age: float | None, role: Role = Role.SERVICE, **fields: Any) -> Reported:
    return told(SocketOpened, role, age=age, socket="s", **fields)


def ending(opened: float | None, ended: float | None, role: Role = Role.SERVICE, **fields: Any) -> Reported:
    fields.setdefault("accepted_age", opened)
    return told(SocketEnded, role, opened_age=opened, ended_age=ended, socket="s", **fields)


def refusal(opened: float | None, status: int | None, role: Role = Role.SERVICE, **fields: Any) -> Reported:
    fields.setdefault("ended_age", opened)
    return told(SocketRejected, role, opened_age=opened, status=status, socket="s", **fields)


def socket(*events: Reported) -> SocketFacts:
    return merge("s", events)


def closed(opened: float | None, ended: float | None, code: int, origin: Origin, **more: Any) -> SocketFacts:
    return socket(ending(opened, ended, code=code, origin=origin, **more))


def lost(opened: float, ended: float, origin: Origin = Origin.UNKNOWN, **more: Any) -> SocketFacts:
    return socket(ending(opened, ended, origin=origin, **more))


def refused(opened: float, status: int | None, origin: Origin = Origin.APP_CLOSE, **more: Any) -> SocketFacts:
    return socket(refusal(opened, status, origin=origin, **more))


def still_open(opened: float, role: Role = Role.SERVICE) -> SocketFacts:
    return socket(opening(opened, role))


def cause(facts: SocketFacts, *events: Reported, **boot_facts: Any) -> Cause | None:
    return why(facts, *events, **boot_facts).cause


def why(facts: SocketFacts, *events: Reported, **boot_facts: Any) -> Attribution:
    return attribute(facts, boot(*events, **boot_facts))


def row(attribution: Attribution, name: str) -> tuple[Any, str | None, str, tuple[str, ...]]:
    """Return one piece of evidence: value, unit, basis, events."""
    found = next(evidence for evidence in attribution.evidence if evidence.name == name)
    return found.value, found.unit, str(found.basis), found.events
