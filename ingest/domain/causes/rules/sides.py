"""What rules on either side of the gate have in common."""

from ingest.domain.causes import exhibits
from ingest.domain.causes.case import Case
from ingest.domain.causes.records import Evidence, Ruling
from ingest.domain.timeline import running_at
from ingest.domain.words import Cause


def after_gate(case: Case, cause: Cause) -> Ruling:
    """Rule for a cause that is what it is because the gate was behind it."""
    outlived = case.before_gate and case.outliving_is_doubtful
    return Ruling(
        cause=cause,
        phases=running_at_opening(case),
        by_gate=True,
        doubtful=bool(outlived) or case.side_is_doubtful,
        evidence=(*_outlived(case), *book(case)),
    )


def _outlived(case: Case) -> tuple[Evidence, ...]:
    if not case.before_gate:
        return ()
    return (exhibits.configured("settle", case.timeline.contract),)


def book(case: Case) -> tuple[Evidence, ...]:
    """Return what the code book says of its code, if anything."""
    contract = case.timeline.contract
    return (exhibits.booked(case.code, contract),) if str(case.code) in contract.codes else ()


def running_at_opening(case: Case) -> tuple[str, ...]:
    """Return the phases that were running when it was opened."""
    return () if case.opened is None else running_at(case.timeline, case.opened)
