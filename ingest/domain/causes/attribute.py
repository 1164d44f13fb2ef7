"""Why one socket failed, with the evidence. The same facts always give the same answer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ingest.domain.causes import exhibits
from ingest.domain.causes.case import Case, case_of
from ingest.domain.causes.records import Attribution, Evidence, Ruling
from ingest.domain.causes.rules import RULES
from ingest.domain.causes.rules.nearly import nearly
from ingest.domain.causes.rules.peers import NO_FAULT_OF_PEER
from ingest.domain.clocks import UNKNOWN, Clocks
from ingest.domain.sockets import NORMAL, SocketFacts
from ingest.domain.timeline import Timeline
from ingest.domain.words import Basis, Cause, Certainty, Origin, Outcome

CANDIDATES = "candidates"
BETWEEN = ", "  # their ids, which can hold neither

# An exception or an unanswered ping is a failure, whatever code the server put on it.
_NEVER_GOOD = frozenset({Origin.APP_ERROR, Origin.KEEPALIVE})


def attribute(socket: SocketFacts, timeline: Timeline, clocks: Clocks = UNKNOWN) -> Attribution:
    """Return the cause of one socket of one boot: exactly one, unless it is open or ended well.

    `clocks` is what is known of the clocks of those who reported either.
    """
    case = case_of(socket, timeline, clocks)
    if case.outcome is Outcome.OPEN or is_good(socket):
        return _without_cause(case)
    ruling = _doubted(case, next(ruling for rule in RULES if (ruling := rule(case)) is not None))
    return Attribution(
        outcome=case.outcome,
        cause=ruling.cause,
        expected=ruling.expected,
        certainty=_certainty(case, ruling),
        before_gate=case.before_gate,
        margin=case.margin,
        phases=ruling.phases,
        evidence=(*exhibits.common(case), *_clocks(case, ruling), *ruling.evidence),
        settled=ruling.settled,
    )


def attribute_without_boot(socket: SocketFacts, candidates: Sequence[str]) -> Attribution:
    """Return the cause of a socket for which no boot, or no single one of `candidates`, was found."""
    fails = socket.outcome is not Outcome.OPEN and not is_good(socket)
    return Attribution(
        outcome=socket.outcome,
        cause=Cause.UNATTRIBUTED if fails else None,
        expected=not fails,
        certainty=Certainty.UNOBSERVED if fails else None,
        before_gate=None,
        margin=None,
        phases=(),
        evidence=(*_candidates(socket, candidates), *exhibits.page(socket)) if fails else (),
        settled=not fails and socket.outcome is not Outcome.OPEN,
    )


def candidates_in(evidence: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the boots that stored evidence names as those which a socket without one may belong to."""
    named = next((row["value"] for row in evidence if row["name"] == CANDIDATES), None)
    return tuple(named.split(BETWEEN)) if named else ()


def guessed(attribution: Attribution, boot: str) -> Attribution:
    """Return an attribution whose boot was inferred, as the only one alive then, and not reported."""
    if attribution.cause is None:
        return attribution
    sure = attribution.certainty is Certainty.CERTAIN
    row = Evidence(name="only boot alive then", value=boot, basis=Basis.DERIVED)
    return replace(
        attribution,
        certainty=Certainty.AMBIGUOUS if sure else attribution.certainty,
        evidence=(*attribution.evidence, row),
    )


def is_good(socket: SocketFacts) -> bool:
    """Return whether a socket ended and nobody is to blame."""
    if socket.outcome is not Outcome.CLOSED or socket.origin in _NEVER_GOOD:
        return False
    by_peer = socket.origin is Origin.PEER and socket.code in NO_FAULT_OF_PEER
    return socket.code == NORMAL or by_peer


def _without_cause(case: Case) -> Attribution:
    return Attribution(
        outcome=case.outcome,
        cause=None,
        expected=True,
        certainty=None,
        before_gate=case.before_gate,
        margin=case.margin,
        phases=(),
        evidence=(),
        settled=case.outcome is not Outcome.OPEN,
    )


def _doubted(case: Case, ruling: Ruling) -> Ruling:
    """Return a ruling with what it owes to a cause before it that was missed by too little."""
    missed = nearly(case, ruling.cause)
    return replace(ruling, doubtful=True, between=(*ruling.between, *missed)) if missed else ruling


def _clocks(case: Case, ruling: Ruling) -> tuple[Evidence, ...]:
    told = (case.socket.opened_ref, case.ended_age_ref, *case.timeline.gate_refs)
    return exhibits.clocks(case, *told, *ruling.between)


def _certainty(case: Case, ruling: Ruling) -> Certainty:
    gate_seen = case.timeline.observed and case.before_gate is not None
    if case.opened is None or (ruling.by_gate and not gate_seen):
        return Certainty.UNOBSERVED
    return Certainty.AMBIGUOUS if ruling.doubtful else Certainty.CERTAIN


def _candidates(socket: SocketFacts, candidates: Sequence[str]) -> tuple[Evidence, ...]:
    names = sorted(set(candidates))
    words = BETWEEN.join(names) if names else None
    row = Evidence(name=CANDIDATES, value=words, basis=Basis.DERIVED, events=socket.refs)
    return (row, exhibits.measured("opened", socket.opened_age, socket.refs))
