"""What a boot's timeline says. All ages and durations in seconds since process start."""

from dataclasses import dataclass

from ingest.domain.contract import Contract
from ingest.domain.words import BootState, PhaseKind, PhaseStatus


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One run of one phase."""

    name: str  # The phase.
    run: int  # Which run of that phase this is, from 0.
    order: int  # The phase's place: the contract's order, then unknown phases as they first appeared.
    parent: str | None  # The phase inside which it ran.
    status: PhaseStatus  # How it stands; `running` without an end, even where the boot has ended.
    kind: PhaseKind  # Work or wait; work where nobody says.
    required: bool  # Whether the contract requires it.
    depends_on: tuple[str, ...]  # Phases that it says must have ended before it.
    started_age: float | None  # None where only its end was reported.
    ended_age: float | None  # None while running.
    error: str | None  # What it failed with.
    refs: tuple[str, ...]  # The events it is made of.


@dataclass(frozen=True, kw_only=True, slots=True)
class Conclusion:
    """What a phase came to at one moment; the latest one counts."""

    name: str  # The phase.
    age: float  # When.
    ok: bool  # Whether it may be relied on from here.
    word: str  # The status it ended with, or `bypassed`.
    ref: str  # The event that says so.


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckResult:
    """One readiness check that ended."""

    name: str  # The check.
    ok: bool  # What it concluded.
    waited: float | None  # How long it says it waited.
    budget: float | None  # How long it was allowed to wait.
    age: float  # When it ended.
    phase: str | None  # The phase it was made in.
    ref: str  # The event that says so.


@dataclass(frozen=True, kw_only=True, slots=True)
class Exit:
    """How the process ended."""

    age: float  # When, by the first report.
    code: int | None  # The exit status as reported.
    signal: int | None  # The signal, reported or read from the exit status.
    by: str | None  # Who ended it.
    abnormal: bool  # Whether that is anything but an exit in order.
    refs: tuple[str, ...]  # The events that say so.


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeline:
    """One boot on its own time axis."""

    contract: Contract  # The contract in force.
    runs: tuple[Run, ...]  # Phase runs by place, then run.
    checks: tuple[CheckResult, ...]  # Checks in the order of events.
    conclusions: tuple[Conclusion, ...]  # What phases came to, in the order of events.
    listening_age: float | None  # Port open, probe passed, or the first request or socket served.
    ready_age: float | None  # The gate time; None while the gate is not passed, or unknown.
    claimed_ready_age: float | None  # When the service first said that it is ready.
    draining_age: float | None  # When shutting down began: said, or the age of an exit in order.
    draining_said: bool  # Whether the service said so itself.
    exit: Exit | None  # How it ended.
    ended_age: float | None  # When it ended.
    exposure: tuple[float, float | None] | None  # From listening to ready; the end is None while open.
    horizon: float | None  # The greatest age at which anything is known.
    state: BootState  # Where it stands.
    observed: bool  # Whether the phases that decide the gate were seen at all.
    next_look: float | None  # The age at which the state changes if nothing happens; None: it does not.
    gate_refs: tuple[str, ...]  # The events that decided the gate, or that keep it shut.
    draining_refs: tuple[str, ...]  # The events that decided `draining_age`.
    listening_refs: tuple[str, ...]  # The events that decided `listening_age`; none where serving did.

    @property
    def gate_known(self) -> bool:
        """Return whether it can be said which side of the gate an age lies on."""
        return self.contract.gate is not None or self.ready_age is not None
