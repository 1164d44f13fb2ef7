"""The causes, one rule each, in the order in which they are tried. Ages in seconds."""

import re
from collections.abc import Callable

from ingest.domain.causes import exhibits
from ingest.domain.causes.case import Case
from ingest.domain.causes.records import Evidence, Ruling
from ingest.domain.timeline import SILENCE, running_at
from ingest.domain.words import Cause, Origin, Outcome

CRASH_WINDOW = 2.0  # s around a boot's end within which a lost socket is put down to it
AFTERLIFE = 2.0  # s that a boot must live on before a socket's loss is put down to the peer

TRY_AGAIN_LATER = 1013
INTERNAL_ERROR = 1011
GOING_AWAY = frozenset({1001, 1012})
NO_FAULT_OF_PEER = frozenset({1000, 1001, 1005})
REFUSAL_CODES = frozenset({1002, 1003, 1007, 1008, 1009, 1010, 3000, 3003})
APPLICATION_CODES = range(4000, 5000)  # for private use: refusals unless the code book says otherwise
REFUSAL_STATUSES = frozenset({400, 401, 403, 404, 426})
BUSY_STATUSES = frozenset({429, 503})
PLATFORM_STATUSES = frozenset({502, 503, 504})

NOT_THE_SERVERS_CHOICE = frozenset({Origin.APP_ERROR, Origin.PEER, Origin.NETWORK, Origin.KEEPALIVE})
SHUTS_DOWN = frozenset({Origin.APP_CLOSE, Origin.SERVER_SHUTDOWN, Origin.UNKNOWN})
VANISHED = frozenset({Origin.PEER, Origin.NETWORK})
PASSED_ON = frozenset({Origin.PLATFORM, Origin.UNKNOWN})

PING_TIMEOUT = re.compile(r"keep-?alive|\bping\b.*\btime", re.IGNORECASE)
TIMEOUT = re.compile(r"\btime[d\s-]*out", re.IGNORECASE)


def gated(case: Case) -> Ruling | None:
    """The application itself refused politely, before the gate, and nothing had failed."""
    polite = case.code == TRY_AGAIN_LATER or case.status in BUSY_STATUSES
    own = case.ended_by_service and case.origin is Origin.APP_CLOSE
    if not (polite and own and case.before_gate) or case.failed_guards:
        return None
    startup, age = case.timeline.contract.startup, case.ended if case.ended is not None else case.opened
    in_time = age is not None and age <= startup
    return Ruling(
        cause=Cause.GATED,
        expected=in_time or case.timeline.ready_age is not None,
        phases=_running_at_opening(case),
        by_gate=True,
        doubtful=case.side_is_doubtful,
        evidence=(exhibits.configured("startup", startup),),
    )


def policy(case: Case) -> Ruling | None:
    """The server refused for authentication, rate or protocol, by choice."""
    meaning = _meaning(case)
    if meaning not in ("policy", "expected"):
        return None
    # Before the gate the refusal may itself be a race: the client that asks the identity provider
    # may not exist yet, and says no to everybody.
    return Ruling(
        cause=Cause.POLICY,
        expected=meaning == "expected",
        doubtful=bool(case.before_gate) or case.side_is_doubtful,
        evidence=_book(case),
    )


def _meaning(case: Case) -> str | None:
    if case.origin in NOT_THE_SERVERS_CHOICE or case.socket.exception is not None:
        return None
    if case.outcome is Outcome.REJECTED:
        timed_out = TIMEOUT.search(case.socket.reason or "") is not None
        return "policy" if case.status in REFUSAL_STATUSES and not timed_out else None
    by_default = case.code in REFUSAL_CODES or case.code in APPLICATION_CODES
    return case.timeline.contract.codes.get(str(case.code), "policy" if by_default else None)


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
    doubtful = guessed or case.side_is_doubtful or case.close_call(after, *case.ended_refs)
    return Ruling(cause=Cause.DRAIN, expected=True, by_gate=True, doubtful=doubtful, evidence=_draining(case))


def _left_at_orderly_end(case: Case) -> bool:
    end = case.timeline.exit
    return case.left_open and end is not None and not end.abnormal


def _lost_just_before_orderly_end(case: Case, ended: float) -> bool:
    # Several servers drop their connections without a close frame a moment before they exit, and where
    # nobody says when draining began, the exit is all there is to set that against.
    end = case.timeline.exit
    if end is None or end.abnormal or case.timeline.draining_said or case.outcome is not Outcome.LOST:
        return False
    return 0 <= end.age - ended <= CRASH_WINDOW


def _draining(case: Case) -> tuple[Evidence, ...]:
    began = exhibits.measured("draining", case.timeline.draining_age, case.timeline.draining_refs)
    return (began, *exhibits.exited(case.timeline))


def crash(case: Case) -> Ruling | None:
    """The boot died under it."""
    if case.left_open:
        return _died_with_its_boot(case)
    end = case.timeline.exit
    if end is None or not end.abnormal or case.ended is None or not _broken_off(case):
        return None
    apart = abs(case.ended - end.age)
    if apart > CRASH_WINDOW:
        return None
    return Ruling(
        cause=Cause.CRASH,
        doubtful=case.close_call(CRASH_WINDOW - apart, *case.ended_refs, *end.refs[:1]),
        evidence=(
            *exhibits.exited(case.timeline),
            exhibits.derived("before exit", end.age - case.ended, (*case.ended_refs, *end.refs)),
        ),
    )


def _broken_off(case: Case) -> bool:
    passed_on = case.status in PLATFORM_STATUSES and case.origin in PASSED_ON
    return case.outcome is Outcome.LOST or case.origin is Origin.NETWORK or passed_on


def _died_with_its_boot(case: Case) -> Ruling | None:
    end = case.timeline.exit
    if end is None:
        silence = (
            exhibits.measured("last heard", case.timeline.horizon),
            exhibits.configured("silence", SILENCE),
        )
        return Ruling(cause=Cause.CRASH, doubtful=True, settled=False, evidence=silence)
    if not end.abnormal:
        return None
    return Ruling(cause=Cause.CRASH, evidence=exhibits.exited(case.timeline))


def keepalive(case: Case) -> Ruling | None:
    """A ping went unanswered."""
    reason = case.socket.reason or ""
    if case.origin is not Origin.KEEPALIVE and not PING_TIMEOUT.search(reason):
        return None
    age = case.ended if case.ended is not None else case.opened
    # A phase that was running then may have blocked the event loop, and with it the pongs.
    phases = () if age is None else running_at(case.timeline, age)
    then = () if age is None else (exhibits.running("running at its end", case.timeline, age),)
    said = exhibits.said("reason", case.socket.reason, case.ended_refs)
    return Ruling(cause=Cause.KEEPALIVE, phases=phases, evidence=(said, *then))


def peer(case: Case) -> Ruling | None:
    """The client sent an error code, or vanished while the boot lived on."""
    if not case.accepted or case.left_open:
        return None
    if case.code is not None:
        erred = case.origin is Origin.PEER and case.code not in NO_FAULT_OF_PEER
        return Ruling(cause=Cause.PEER, expected=True) if erred else None
    if case.origin not in VANISHED or case.ended is None:
        return None
    return _vanished(case, case.ended)


def _vanished(case: Case, ended: float) -> Ruling | None:
    over = case.timeline.exit is not None
    lived = case.timeline.ended_age if over else case.timeline.horizon
    after = None if lived is None else lived - ended
    evidence = (exhibits.derived("boot lived on", after, case.ended_refs), *exhibits.exited(case.timeline))
    if after is not None and after >= AFTERLIFE:
        doubtful = case.close_call(after - AFTERLIFE, *case.ended_refs)
        return Ruling(cause=Cause.PEER, expected=True, doubtful=doubtful, evidence=evidence)
    if over:
        return None
    # Its boot may still turn out to have died under it.
    return Ruling(cause=Cause.PEER, expected=True, doubtful=True, settled=False, evidence=evidence)


def failed_phase(case: Case) -> Ruling | None:
    """Opened while a phase that the gate waits for had failed: failed, but serving."""
    failed = case.failed_guards
    if not failed or case.opened is None:
        return None
    apart = min(case.opened - conclusion.age for conclusion in failed)
    return Ruling(
        cause=Cause.FAILED_PHASE,
        phases=tuple(conclusion.name for conclusion in failed),
        by_gate=True,
        doubtful=case.close_call(apart, case.socket.opened_ref),
        evidence=exhibits.failed(failed),
    )


def false_start(case: Case) -> Ruling | None:
    """Opened before the gate, and did not outlive the start."""
    if not case.early:
        return None
    return Ruling(
        cause=Cause.FALSE_START,
        phases=_running_at_opening(case),
        by_gate=True,
        doubtful=case.side_is_doubtful or case.close_call(case.outlived, *case.ended_refs),
        evidence=(exhibits.configured("settle", case.timeline.contract.settle),),
    )


def overload(case: Case) -> Ruling | None:
    """Refused for load after the gate."""
    if case.code != TRY_AGAIN_LATER and case.status not in BUSY_STATUSES:
        return None
    return _after_gate(case, Cause.OVERLOAD)


def application(case: Case) -> Ruling | None:
    """The application failed after the gate."""
    raised = case.origin is Origin.APP_ERROR or case.socket.exception is not None
    booked = case.timeline.contract.codes.get(str(case.code)) == "application"
    broke = case.code == INTERNAL_ERROR or (case.status is not None and case.status >= 500)
    return _after_gate(case, Cause.APPLICATION) if raised or booked or broke else None


def _after_gate(case: Case, cause: Cause) -> Ruling:
    outlived = case.before_gate and case.close_call(case.outlived, *case.ended_refs)
    return Ruling(
        cause=cause,
        phases=_running_at_opening(case),
        by_gate=True,
        doubtful=bool(outlived) or case.side_is_doubtful,
        evidence=(*_outlived(case), *_book(case)),
    )


def _outlived(case: Case) -> tuple[Evidence, ...]:
    if not case.before_gate:
        return ()
    return (exhibits.configured("settle", case.timeline.contract.settle),)


def _book(case: Case) -> tuple[Evidence, ...]:
    meaning = case.timeline.contract.codes.get(str(case.code))
    return () if meaning is None else (exhibits.booked(case.code, meaning),)


def _running_at_opening(case: Case) -> tuple[str, ...]:
    return () if case.opened is None else running_at(case.timeline, case.opened)


def unexplained(_: Case) -> Ruling:
    """Nothing else fits."""
    return Ruling(cause=Cause.UNEXPLAINED)


RULES: tuple[Callable[[Case], Ruling | None], ...] = (
    gated,
    policy,
    drain,
    crash,
    keepalive,
    peer,
    failed_phase,
    false_start,
    overload,
    application,
    unexplained,
)
