"""By how little a cause was ruled out: differences between clocks that could have been the other way.

Ages in seconds.
"""

from collections.abc import Iterator

from ingest.domain.causes.case import Case
from ingest.domain.causes.rules.peers import AFTERLIFE, may_have_vanished
from ingest.domain.causes.rules.shutdowns import END_WINDOW, broken_off
from ingest.domain.words import Cause, Origin

Missed = tuple[
    Cause, float, tuple[str | None, ...]
]  # A cause, by how much it was missed, between which events.

_ORDER = {cause: rank for rank, cause in enumerate(Cause)}


def nearly(case: Case, ruled: Cause) -> tuple[str, ...]:
    """Return the events by whose distance a cause before the one ruled was missed by too little."""
    close = (
        refs
        for cause, difference, refs in _missed(case)
        if _ORDER[cause] < _ORDER[ruled] and case.close_call(difference, *refs)
    )
    return tuple(dict.fromkeys(ref for refs in close for ref in refs if ref is not None))


def _missed(case: Case) -> Iterator[Missed]:
    if case.ended is not None and not case.left_open:
        yield from _shutdowns(case, case.ended)
    if case.opened is not None and not case.failed_guards:
        yield from _failed_phases(case, case.opened)


def _shutdowns(case: Case, ended: float) -> Iterator[Missed]:
    began, end = case.timeline.draining_age, case.timeline.exit
    if began is not None and ended < began and not case.early and case.origin is not Origin.APP_ERROR:
        yield Cause.DRAIN, began - ended, (case.ended_age_ref, *case.timeline.draining_refs[:1])
    if end is None:
        return
    between = (case.ended_age_ref, end.refs[0])
    if end.abnormal and broken_off(case):
        yield Cause.CRASH, abs(ended - end.age) - END_WINDOW, between
    if may_have_vanished(case):
        yield Cause.PEER, AFTERLIFE - (end.age - ended), between


def _failed_phases(case: Case, opened: float) -> Iterator[Missed]:
    guards = set(case.timeline.contract.guards())
    before: dict[str, bool] = {}
    for conclusion in case.timeline.conclusions:
        if conclusion.name not in guards:
            continue
        broke = not conclusion.ok and conclusion.age > opened
        mended = conclusion.ok and conclusion.age <= opened and before.get(conclusion.name) is False
        if broke or mended:
            between = (case.socket.opened_ref, conclusion.ref)
            yield Cause.FAILED_PHASE, conclusion.age - opened, between
        before[conclusion.name] = conclusion.ok
