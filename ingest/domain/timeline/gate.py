"""Decides when a boot passed its gate, and when it was exposed. Ages in seconds since process start."""

from collections.abc import Iterable, Iterator, Sequence

from ingest.domain.contract import Contract
from ingest.domain.events import BootDegraded, BootReady, PhaseEvent, PhaseFinished, Reported
from ingest.domain.timeline.records import Conclusion, Exit
from ingest.domain.words import PhaseStatus


def conclusions_of(told: Iterable[Reported]) -> tuple[Conclusion, ...]:
    """Return what phases came to: each end of a run, and each bypass, in the order of events."""
    return tuple(conclusion for reported in told for conclusion in _conclusions(reported))


def _conclusions(reported: Reported) -> Iterator[Conclusion]:
    match reported.event:
        case PhaseFinished(phase=name, age=age, status=status):
            ok = status is PhaseStatus.OK
            yield Conclusion(name=name, age=age, ok=ok, word=str(status), ref=reported.ref)
        case BootDegraded(bypassed=names, age=age):
            for name in names:
                yield Conclusion(name=name, age=age, ok=False, word="bypassed", ref=reported.ref)


def latest(conclusions: Iterable[Conclusion], until: float | None = None) -> dict[str, Conclusion]:
    """Return each phase's latest conclusion, at age `until` (inclusive) or over all."""
    return {
        conclusion.name: conclusion for conclusion in conclusions if until is None or conclusion.age <= until
    }


def gate_of(
    told: Sequence[Reported], conclusions: Sequence[Conclusion], contract: Contract
) -> tuple[float | None, tuple[str, ...]]:
    """Return the gate time, or None, with the events that decided it or that keep the gate shut."""
    if contract.gate is not None:
        return _swept(conclusions, contract.guards())
    claim = next((reported for reported in told if isinstance(reported.event, BootReady)), None)
    return (claim.event.age, (claim.ref,)) if claim else (None, ())


def _swept(conclusions: Sequence[Conclusion], guards: Sequence[str]) -> tuple[float | None, tuple[str, ...]]:
    # Swept in time and not read off the last ends: a required phase that failed after the gate does
    # not undo the gate, and one that was retried opens it only with the retry.
    standing: dict[str, Conclusion] = {}
    for conclusion in conclusions:
        if conclusion.name in guards:
            standing[conclusion.name] = conclusion
            if len(standing) == len(set(guards)) and all(c.ok for c in standing.values()):
                return conclusion.age, _refs(standing)
    return None, _refs(standing)


def _refs(standing: dict[str, Conclusion]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(conclusion.ref for conclusion in standing.values()))


def is_observed(told: Iterable[Reported], conclusions: Sequence[Conclusion], contract: Contract) -> bool:
    """Return whether the phases that decide the gate were seen; False: missing or truncated."""
    if contract.gate is None:
        return True
    phases = {reported.event.phase for reported in told if isinstance(reported.event, PhaseEvent)}
    seen = phases | {conclusion.name for conclusion in conclusions}
    ended = any(conclusion.ok and conclusion.name == contract.gate for conclusion in conclusions)
    return bool(phases) and not (ended and set(contract.guards()) - seen)


def exposure_of(
    contract: Contract, listening: float | None, ready: float | None, ended: Exit | None
) -> tuple[float, float | None] | None:
    """Return from when to when the boot could be reached before it was ready; None: never."""
    known = contract.gate is not None or ready is not None
    closing = [age for age in (ready, ended.age if ended else None) if age is not None]
    closed = min(closing, default=None)
    if listening is None or not known or (closed is not None and closed <= listening):
        return None
    return listening, closed
