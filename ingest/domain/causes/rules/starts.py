"""What a start that is not over, or that failed, does to sockets, and what is left. Ages in seconds."""

from ingest.domain.causes import exhibits
from ingest.domain.causes.case import Case
from ingest.domain.causes.records import Ruling
from ingest.domain.causes.rules.sides import after_gate, running_at_opening
from ingest.domain.words import Cause, Origin

INTERNAL_ERROR = 1011


def failed_phase(case: Case) -> Ruling | None:
    """Opened while a phase that the gate waits for had failed: failed, but serving."""
    failed = case.failed_guards
    if not failed or case.opened is None:
        return None
    doubtful = any(
        case.close_call(case.opened - conclusion.age, case.socket.opened_ref, conclusion.ref)
        for conclusion in failed
    )
    return Ruling(
        cause=Cause.FAILED_PHASE,
        phases=tuple(conclusion.name for conclusion in failed),
        by_gate=True,
        doubtful=doubtful,
        between=tuple(conclusion.ref for conclusion in failed),
        evidence=exhibits.failed(failed),
    )


def false_start(case: Case) -> Ruling | None:
    """Opened before the gate, and did not outlive the start."""
    if not case.early:
        return None
    return Ruling(
        cause=Cause.FALSE_START,
        phases=running_at_opening(case),
        by_gate=True,
        doubtful=case.side_is_doubtful or case.outliving_is_doubtful,
        evidence=(exhibits.configured("settle", case.timeline.contract),),
    )


def application(case: Case) -> Ruling | None:
    """The application failed after the gate."""
    raised = case.origin is Origin.APP_ERROR or case.socket.exception is not None
    booked = case.timeline.contract.codes.get(str(case.code)) == "application"
    broke = case.code == INTERNAL_ERROR or (case.status is not None and case.status >= 500)
    return after_gate(case, Cause.APPLICATION) if raised or booked or broke else None


def unexplained(_: Case) -> Ruling:
    """Nothing else fits."""
    return Ruling(cause=Cause.UNEXPLAINED)
