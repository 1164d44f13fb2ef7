"""What is concluded about one socket."""

from dataclasses import dataclass

from ingest.domain.words import Basis, Cause, Certainty, Outcome


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """One thing that a cause rests on."""

    name: str  # What it is.
    value: float | int | str | bool | None  # Its value; None: not so, or not known.
    unit: str | None = None  # `s`, or None where it has none.
    basis: Basis  # Where the value comes from.
    events: tuple[str, ...] = ()  # The events it rests on.
    source: str | None = None  # Whose value it is, in words, where it is configured.


@dataclass(frozen=True, kw_only=True, slots=True)
class Attribution:
    """Why one socket ended as it did, and on which side of the gate it was opened."""

    outcome: Outcome  # How it stands, given what became of its boot.
    cause: Cause | None  # None while open, and for an end that is nobody's fault.
    expected: bool  # Whether that is how it should be.
    certainty: Certainty | None  # How sure the cause is; None without a cause.
    before_gate: bool | None  # Whether it was opened before the gate; None: not known.
    margin: float | None  # Gate time minus opening, s; negative after the gate; None: not known yet.
    phases: tuple[str, ...]  # The phases that the cause names.
    evidence: tuple[Evidence, ...]  # What the cause rests on.
    settled: bool  # False: may still change although the timeline's facts do not.


@dataclass(frozen=True, kw_only=True, slots=True)
class Ruling:
    """What one rule says of a case that it applies to."""

    cause: Cause
    expected: bool = False
    phases: tuple[str, ...] = ()
    by_gate: bool = False  # Whether it rests on where the gate is.
    doubtful: bool = False  # Whether it is a guess, or was decided by less than the clock uncertainty.
    settled: bool = True
    between: tuple[str, ...] = ()  # Events that it set against the socket's, beside those of the gate.
    evidence: tuple[Evidence, ...] = ()  # Beyond what every cause carries.
