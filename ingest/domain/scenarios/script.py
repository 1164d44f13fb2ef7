"""Writes labelled synthetic boots, event by event. Ages in seconds since process start."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from ingest.domain.causes import Attribution, attribute, attribute_without_boot
from ingest.domain.contract import Contract, PhaseSpec
from ingest.domain.events import (
    Alive,
    BootListening,
    KnownEvent,
    PhaseFinished,
    PhaseStarted,
    Reported,
    RequestFailed,
    SocketEnded,
    SocketEvent,
    SocketOpened,
    SocketRejected,
    happened,
)
from ingest.domain.sockets import key_of, merge
from ingest.domain.timeline import Timeline, build
from ingest.domain.words import BootState, Cause, Origin, PhaseKind, PhaseStatus, Role

# What each phase takes, s; a real chat back end's, and what the seed varies.
DURATIONS = {
    "init": 0.017,
    "dependencies": 0.042,
    "database": 1.275,
    "cache": 0.693,
    "services": 1.619,
    "websocket": 0.751,
    "finalize": 0.304,
}
BEFORE_GATE = ("init", "dependencies", "database", "cache", "services")
AFTER_GATE = ("websocket", "finalize")

CONTRACT = Contract(
    phases=tuple(
        PhaseSpec(
            name=name,
            required=name != "cache",
            kind=PhaseKind.WAIT if name == "database" else PhaseKind.WORK,
        )
        for name in DURATIONS
    ),
    gate="services",
    budgets={"readiness_wait": 2.1},
    codes={"4001": "policy", "4100": "expected", "4200": "application"},
)
NO_CONTRACT = Contract()


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """One boot whose state and causes are known by construction."""

    name: str  # What it shows, in words.
    events: tuple[Reported, ...]  # Everything reported of it, in the order in which it happened.
    contract: Contract  # The contract in force.
    state: BootState  # The state it must be found in.
    causes: Mapping[str, Cause | None]  # Socket key to the cause it must be given; None: no cause.
    now_age: float | None  # The present on its axis; None: do not judge silence.
    boot: bool  # False: its sockets' reporters knew no boot, and none can be found.


@dataclass(kw_only=True, slots=True)
class Script:
    """A boot being written; `age` is where its process has got to."""

    rng: Random
    age: float = 0.0
    events: list[Reported] = field(default_factory=list)
    causes: dict[str, Cause | None] = field(default_factory=dict)

    def tell(self, event: type[KnownEvent], role: Role = Role.SERVICE, **fields: Any) -> None:
        """Add an event; its number is its place in the script."""
        told = event(seq=len(self.events) + 1, **fields)
        self.events.append(Reported(role=role, reporter=f"{role}-1", event=told))

    def phase(self, name: str, status: PhaseStatus = PhaseStatus.OK, error: str | None = None) -> None:
        """Run a phase from here to its end."""
        self.tell(PhaseStarted, age=self.age, phase=name)
        self.age += self.takes(DURATIONS[name])
        self.tell(PhaseFinished, age=self.age, phase=name, status=status, error=error)

    def phases(self, *names: str) -> None:
        """Run phases one after another."""
        for name in names:
            self.phase(name)

    def takes(self, seconds: float) -> float:
        """Return a duration about as long as that."""
        return seconds * self.rng.uniform(0.7, 1.4)

    def listen(self, age: float | None = None) -> None:
        """Open the port."""
        self.tell(BootListening, age=self.age if age is None else age, port=8000)

    def live(self, seconds: float) -> None:
        """Let time pass, and say so."""
        self.age += seconds
        self.tell(Alive, age=self.age)

    def socket(
        self,
        key: str,
        cause: Cause | None,
        *,
        opened: float,
        lasted: float | None = 0.06,
        code: int | None = None,
        origin: Origin = Origin.UNKNOWN,
        role: Role = Role.SERVICE,
        **end: Any,
    ) -> None:
        """Add an accepted socket and its end; `lasted` None: it stays open."""
        self.causes[key] = cause
        known = {"socket": key, "client": f"h:{key}", "path": "/ws/chat"}
        self.tell(SocketOpened, role, age=opened, **known)
        if lasted is not None:
            accepted, ended = opened + lasted / 10, opened + lasted
            ages = {"opened_age": opened, "accepted_age": accepted, "ended_age": ended}
            self.tell(SocketEnded, role, code=code, origin=origin, **ages, **known, **end)

    def refused(
        self,
        key: str,
        cause: Cause,
        *,
        opened: float,
        status: int,
        origin: Origin,
        role: Role = Role.SERVICE,
        **end: Any,
    ) -> None:
        """Add a refused handshake."""
        self.causes[key] = cause
        ages = {"opened_age": opened, "ended_age": opened + 0.02}
        self.tell(SocketRejected, role, socket=key, status=status, origin=origin, **ages, **end)

    def ends(
        self,
        name: str,
        state: BootState,
        *,
        contract: Contract = CONTRACT,
        now_age: float | None = None,
        boot: bool = True,
    ) -> Scenario:
        """Return what was written, with its label."""
        return Scenario(
            name=name,
            events=tuple(self.events),
            contract=contract,
            state=state,
            causes=dict(self.causes),
            now_age=now_age,
            boot=boot,
        )


def timeline_of(scenario: Scenario) -> Timeline:
    """Return the timeline that a scenario's events make."""
    ages = [age for reported in scenario.events if (age := happened(reported.event)) is not None]
    return build(
        scenario.events,
        scenario.contract,
        first_served=_first_served(scenario),
        horizon=max(ages, default=None),
        promised=any(isinstance(reported.event, Alive) for reported in scenario.events),
        now_age=scenario.now_age,
    )


def attributions_of(scenario: Scenario) -> dict[str, Attribution]:
    """Return what each of a scenario's sockets is attributed to, by key."""
    timeline = timeline_of(scenario)
    by_key: dict[str, list[Reported]] = {}
    for reported in scenario.events:
        if isinstance(reported.event, SocketEvent):
            by_key.setdefault(key_of(reported), []).append(reported)
    facts = {key: merge(key, told) for key, told in by_key.items()}
    return {
        key: attribute(fact, timeline) if scenario.boot else attribute_without_boot(fact, ())
        for key, fact in facts.items()
    }


def _first_served(scenario: Scenario) -> float | None:
    served = (SocketOpened, SocketEnded, SocketRejected, RequestFailed)
    inside = [r.event for r in scenario.events if r.role is Role.SERVICE and isinstance(r.event, served)]
    ages = [event.opened_age if event.opened_age is not None else event.age for event in inside]
    return min((age for age in ages if age is not None), default=None)
