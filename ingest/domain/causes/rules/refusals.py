"""What a server refuses on purpose: for now, for good, or for load. Ages in seconds."""

import re

from ingest.domain.causes import exhibits
from ingest.domain.causes.case import Case
from ingest.domain.causes.records import Evidence, Ruling
from ingest.domain.causes.rules.sides import after_gate, book, running_at_opening
from ingest.domain.words import Cause, Origin, Outcome

TRY_AGAIN_LATER = 1013
REFUSAL_CODES = frozenset({1002, 1003, 1007, 1008, 1009, 1010, 3000, 3003})
APPLICATION_CODES = range(4000, 5000)  # for private use: refusals unless the code book says otherwise
REFUSAL_STATUSES = frozenset({400, 401, 403, 404, 426})
BUSY_STATUSES = frozenset({429, 503})
NOT_THE_SERVERS_CHOICE = frozenset({Origin.APP_ERROR, Origin.PEER, Origin.NETWORK, Origin.KEEPALIVE})
DROPPED = "dropped by the server: "  # how a probe tells a cut, without a frame, over what the peer had sent
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
        phases=running_at_opening(case),
        by_gate=True,
        doubtful=case.side_is_doubtful,
        evidence=(exhibits.configured("startup", case.timeline.contract),),
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
        evidence=(*book(case), *_said_of_drop(case)),
    )


def _meaning(case: Case) -> str | None:
    if case.origin in NOT_THE_SERVERS_CHOICE or case.socket.exception is not None:
        return None
    if case.outcome is Outcome.REJECTED:
        timed_out = TIMEOUT.search(case.socket.reason or "") is not None
        return "policy" if case.status in REFUSAL_STATUSES and not timed_out else None
    if _was_dropped(case):
        return "policy"
    by_default = case.code in REFUSAL_CODES or case.code in APPLICATION_CODES
    return case.timeline.contract.codes.get(str(case.code), "policy" if by_default else None)


def _was_dropped(case: Case) -> bool:
    """Say whether the server cut the connection over a frame that broke the protocol, or its limits."""
    lost = case.accepted and case.code is None and not case.left_open
    cut = case.ended_by_service and case.origin is Origin.UNKNOWN
    return lost and cut and (case.socket.reason or "").startswith(DROPPED)


def _said_of_drop(case: Case) -> tuple[Evidence, ...]:
    return (exhibits.said("reason", case.socket.reason, case.ended_refs),) if _was_dropped(case) else ()


def overload(case: Case) -> Ruling | None:
    """Refused for load after the gate."""
    if case.code != TRY_AGAIN_LATER and case.status not in BUSY_STATUSES:
        return None
    return after_gate(case, Cause.OVERLOAD)
