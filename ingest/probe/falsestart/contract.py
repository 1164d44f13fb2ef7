"""What a service declares about its own startup."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Literal

from falsestart.wording import LIST_LIMIT, NAME_LIMIT, clean

STARTUP_LIMIT = 240.0  # seconds; how long a boot may be starting when its contract does not say

MEANINGS = frozenset({"policy", "expected", "application"})  # what a close code may mean

Kind = Literal["work", "wait"]


@dataclass(frozen=True, slots=True)
class Phase:
    """A declared phase. Only the name is needed."""

    name: str
    """1 to 200 characters."""
    _: KW_ONLY
    required: bool = True
    """False: the service is safe without it."""
    depends_on: Sequence[str] = ()
    """Names of the phases it waits for."""
    kind: Kind = "work"
    """`wait` for a phase that only waits for something else."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Contract:
    """A declaration, all of it optional; what is left out is the server's default."""

    phases: Sequence[str | Phase] = ()
    """In the order in which they are expected."""
    gate: str | None = None
    """The phase after which sockets are safe; else the last required one."""
    budgets: Mapping[str, float] = field(default_factory=dict)
    """Configured limits by name, in seconds."""
    settle: float | None = None
    """Seconds after the gate in which the end of an early socket is still a false start."""
    startup: float | None = None
    """Seconds for which a polite refusal stays expected."""
    clock_uncertainty: float | None = None
    """Seconds by which this host's clock may be wrong."""
    codes: Mapping[str, str] = field(default_factory=dict)
    """What the service's own close codes mean, each `policy`, `expected` or `application`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """A contract after its junk was taken out."""

    wire: dict[str, Any]
    """As it goes over the wire."""
    gated_by: tuple[str, ...]
    """Phases that must have ended `ok` for the gate; empty: the `ready` claim is the gate."""
    startup: float
    """Seconds."""
    problems: tuple[str, ...]
    """One sentence for each thing that was left out."""


def check(contract: Contract | None) -> Checked:
    """Take out what the server would refuse: a bad declaration must not cost the service its batches."""
    problems: list[str] = []
    if contract is None:
        return Checked(wire={}, gated_by=(), startup=STARTUP_LIMIT, problems=())
    phases = _phases(contract.phases, problems)
    gate = _gate(contract.gate, phases, problems)
    limits = {name: getattr(contract, name) for name in ("settle", "startup", "clock_uncertainty")}
    limits = _seconds({name: value for name, value in limits.items() if value is not None}, problems)
    wire: dict[str, Any] = {
        "phases": [_phase_to_wire(phase) for phase in phases],
        "gate": gate,
        "budgets": _seconds(contract.budgets, problems),
        "codes": _codes(contract.codes, problems),
    }
    return Checked(
        wire={name: value for name, value in wire.items() if value} | limits,
        gated_by=gated_by(phases, gate),
        startup=limits.get("startup", STARTUP_LIMIT),
        problems=tuple(problems),
    )


def gated_by(phases: Sequence[Phase], gate: str | None) -> tuple[str, ...]:
    """The gate phase and every required one before it; without a gate, the last required one is it."""
    names = [phase.name for phase in phases]
    required = [phase.name for phase in phases if phase.required]
    gate = gate or (required[-1] if required else None)
    if gate is None:
        return ()
    if gate not in names:
        return (gate,)
    before = set(names[: names.index(gate)])
    return (*(name for name in required if name in before), gate)


def is_name(value: object) -> bool:
    """1 to 200 characters without NUL."""
    return isinstance(value, str) and 0 < len(value) <= NAME_LIMIT and clean(value) == value


def _phases(declared: Sequence[str | Phase], problems: list[str]) -> list[Phase]:
    kept: dict[str, Phase] = {}
    for each in declared:
        phase = each if isinstance(each, Phase) else Phase(each)
        if is_name(phase.name) and phase.name not in kept:
            kept[phase.name] = phase
        else:
            problems.append(f"phase {phase.name!r} is no name, or declared twice")
    if len(kept) > LIST_LIMIT:
        problems.append(f"{len(kept) - LIST_LIMIT} of {len(kept)} phases: {LIST_LIMIT} can be declared")
    return list(kept.values())[:LIST_LIMIT]


def _phase_to_wire(phase: Phase) -> str | dict[str, Any]:
    extra: dict[str, Any] = {}
    if not phase.required:
        extra["required"] = False
    if phase.depends_on:
        extra["depends_on"] = [name for name in phase.depends_on if is_name(name)][:LIST_LIMIT]
    if phase.kind == "wait":
        extra["kind"] = "wait"
    return {"name": phase.name, **extra} if extra else phase.name


def _gate(gate: str | None, phases: Sequence[Phase], problems: list[str]) -> str | None:
    if gate is None:
        return None
    if is_name(gate) and (not phases or gate in {phase.name for phase in phases}):
        return gate
    problems.append(f"gate {gate!r} is none of the phases")
    return None


def _seconds(values: Mapping[str, float], problems: list[str]) -> dict[str, float]:
    kept = {}
    for name, value in values.items():
        if is_name(name) and isinstance(value, int | float) and math.isfinite(value) and value >= 0:
            kept[name] = float(value)
        else:
            problems.append(f"{name!r} is no number of seconds: {value!r}")
    return kept


def _codes(codes: Mapping[str, str], problems: list[str]) -> dict[str, str]:
    kept = {}
    for code, meaning in codes.items():
        number = int(code) if str(code).isascii() and str(code).isdigit() else 0
        if 1000 <= number <= 4999 and meaning in MEANINGS:
            kept[str(number)] = meaning
        else:
            problems.append(f"{code!r} is no close code, or {meaning!r} no meaning: {sorted(MEANINGS)}")
    return kept
