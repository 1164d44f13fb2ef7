"""What the other side, or the way to it, does. Ages in seconds."""

import re

from ingest.domain.causes import exhibits
from ingest.domain.causes.case import Case
from ingest.domain.causes.records import Evidence, Ruling
from ingest.domain.timeline import running_at
from ingest.domain.words import Cause, Origin

AFTERLIFE = 2.0  # s that a boot must live on before a socket's loss is put down to the peer
NO_FAULT_OF_PEER = frozenset({1000, 1001, 1005})
VANISHED = frozenset({Origin.PEER, Origin.NETWORK})
PING_TIMEOUT = re.compile(r"keep-?alive|\bping\b.*\btime", re.IGNORECASE)


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
    if case.accepted and not case.left_open and case.code is not None:
        erred = case.origin is Origin.PEER and case.code not in NO_FAULT_OF_PEER
        return Ruling(cause=Cause.PEER, expected=True) if erred else None
    if case.ended is None or not may_have_vanished(case):
        return None
    return _vanished(case, case.ended)


def may_have_vanished(case: Case) -> bool:
    """Return whether it looks as if the client was gone all at once."""
    if not case.accepted or case.left_open or case.code is not None:
        return False
    # A client that reports its loss has not vanished: it was dropped.
    return case.origin in VANISHED and not case.told_by_client_alone


def _vanished(case: Case, ended: float) -> Ruling | None:
    over = case.timeline.exit is not None
    lived = case.timeline.ended_age if over else case.timeline.horizon
    after = None if lived is None else lived - ended
    enough = after is not None and after >= AFTERLIFE
    if over and not enough:
        return None
    # While its boot is not seen to live on for long enough, it may still turn out to have died under it.
    beyond = None if after is None else after - AFTERLIFE
    doubtful = not enough or case.close_call(beyond, case.ended_age_ref, *_exit(case))
    return Ruling(
        cause=Cause.PEER,
        expected=True,
        doubtful=doubtful,
        settled=over or not doubtful,
        between=_exit(case),
        evidence=(_lived_on(case, after, doubtful=doubtful), *exhibits.exited(case.timeline)),
    )


def _exit(case: Case) -> tuple[str, ...]:
    return case.timeline.exit.refs[:1] if case.timeline.exit else ()


def _lived_on(case: Case, after: float | None, *, doubtful: bool) -> Evidence:
    if case.timeline.exit is not None:
        return exhibits.derived("boot lived on", after, case.ended_refs)
    # What is settled is not decided again while the boot lives: it must not tell how long that was.
    told = after if doubtful else AFTERLIFE + case.uncertainty(case.ended_age_ref)
    return exhibits.derived("boot lived on at least", told, case.ended_refs)
