"""What the end of a boot does to its sockets: in order, or not. Ages in seconds."""

from ingest.domain.causes import exhibits
from ingest.domain.causes.case import Case
from ingest.domain.causes.records import Evidence, Ruling
from ingest.domain.timeline import SILENCE
from ingest.domain.words import Cause, Origin, Outcome

END_WINDOW = 2.0  # s around a boot's end within which a broken socket is put down to it
GOING_AWAY = frozenset({1001, 1012})
PLATFORM_STATUSES = frozenset({502, 503, 504})
SHUTS_DOWN = frozenset({Origin.APP_CLOSE, Origin.SERVER_SHUTDOWN, Origin.UNKNOWN})
PASSED_ON = frozenset({Origin.PLATFORM, Origin.UNKNOWN})


def drain(case: Case) -> Ruling | None:
    """An orderly shutdown ended it."""
    if case.origin is Origin.APP_ERROR:
        return None
    if case.code in GOING_AWAY and case.origin in SHUTS_DOWN:
        return Ruling(cause=Cause.DRAIN, expected=True, evidence=_draining(case))
    if _left_at_orderly_end(case) and (case.timeline.ready_age is not None or not case.early):
        return Ruling(cause=Cause.DRAIN, expected=True, by_gate=True, evidence=_draining(case))
    if case.early or case.ended is None:
        return None
    return _drain_by_time(case, case.ended)


def _drain_by_time(case: Case, ended: float) -> Ruling | None:
    began = case.timeline.draining_age
    after = None if began is None else ended - began
    guessed = False
    if case.origin is not Origin.SERVER_SHUTDOWN and (after is None or after < 0):
        guessed = _lost_just_before_orderly_end(case, ended)
        if not guessed:
            return None
    # Of several that tell of an exit the first says when.
    began_refs = case.timeline.draining_refs[:1]
    close = case.close_call(after, case.ended_age_ref, *began_refs)
    return Ruling(
        cause=Cause.DRAIN,
        expected=True,
        by_gate=True,
        doubtful=guessed or close or case.side_is_doubtful,
        between=began_refs,
        evidence=_draining(case),
    )


def _left_at_orderly_end(case: Case) -> bool:
    end = case.timeline.exit
    return case.left_open and end is not None and not end.abnormal


def _lost_just_before_orderly_end(case: Case, ended: float) -> bool:
    # Several servers drop their connections without a close frame a moment before they exit. Where nobody
    # says when draining began, the exit is all there is to set that against; and Granian drops them while
    # it tells the service to shut down, so that either may be first.
    end = case.timeline.exit
    if end is None or end.abnormal or case.outcome is not Outcome.LOST:
        return False
    began = case.timeline.draining_age
    in_order = began is None or began <= end.age
    return in_order and 0 <= end.age - ended <= END_WINDOW


def _draining(case: Case) -> tuple[Evidence, ...]:
    began = exhibits.measured("draining", case.timeline.draining_age, case.timeline.draining_refs)
    return (began, *exhibits.exited(case.timeline))


def crash(case: Case) -> Ruling | None:
    """The boot died under it."""
    if case.left_open:
        return _died_with_its_boot(case)
    end = case.timeline.exit
    if end is None or not end.abnormal or case.ended is None or not broken_off(case):
        return None
    apart = abs(case.ended - end.age)
    if apart > END_WINDOW:
        return None
    return Ruling(
        cause=Cause.CRASH,
        doubtful=case.close_call(END_WINDOW - apart, case.ended_age_ref, *end.refs[:1]),
        between=end.refs[:1],
        evidence=(
            *exhibits.exited(case.timeline),
            exhibits.derived("before exit", end.age - case.ended, (*case.ended_refs, *end.refs)),
        ),
    )


def broken_off(case: Case) -> bool:
    """Return whether its end looks like that of something that died under it."""
    # An exception that passed through is the application's own end, whatever became of the boot next.
    if case.origin is Origin.APP_ERROR:
        return False
    passed_on = case.status in PLATFORM_STATUSES and case.origin in PASSED_ON
    return case.outcome is Outcome.LOST or case.origin is Origin.NETWORK or passed_on


def _died_with_its_boot(case: Case) -> Ruling | None:
    end = case.timeline.exit
    if end is None:
        silence = (
            exhibits.measured("last heard", case.timeline.horizon),
            exhibits.fixed("silence", SILENCE),
        )
        return Ruling(cause=Cause.CRASH, doubtful=True, settled=False, evidence=silence)
    if not end.abnormal:
        return None
    return Ruling(cause=Cause.CRASH, evidence=exhibits.exited(case.timeline))
