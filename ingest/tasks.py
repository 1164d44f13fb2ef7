"""What workers do: fetch, call one function, store, tell the pages."""

from datetime import UTC, datetime

from celery import shared_task

from ingest import live
from ingest.domain.causes import attribute
from ingest.domain.sockets import merge
from ingest.domain.timeline import Timeline, build
from ingest.store import claim, load, record


@shared_task(name="ingest.correlate", ignore_result=True)
def correlate(boots: list[int]) -> None:
    """Correlate these boots as far as they have news."""
    now = datetime.now(UTC)
    live.publish([changed for pk in boots if (changed := _correlate(pk, now)) is not None])


@shared_task(name="ingest.sweep", ignore_result=True)
def sweep() -> None:
    """Correlate what is overdue: lost hints, dead workers, and what time alone decides."""
    now = datetime.now(UTC)
    correlate(list(claim.boots(now)))
    claim.forget_answers(now)


def _correlate(pk: int, now: datetime) -> live.Changed | None:
    case = load.case(pk)
    if case is None:
        return None
    timeline = _timeline(case, now)
    digest = record.digest(case, timeline)
    events = load.sockets(case, everything=digest != case.digest)
    merged = [merge(key, reports.values()) for key, reports in events.items()]
    found = record.Found(
        timeline=timeline,
        digest=digest,
        sockets=[(facts, attribute(facts, timeline)) for facts in merged],
        tallies=load.tallies(case),
    )
    mark = record.boot(case, found, events)
    return None if mark is None else _changed(case, mark)


def _timeline(case: load.Case, now: datetime) -> Timeline:
    return build(
        case.lifecycle,
        case.contract,
        first_served=case.served_age,
        horizon=case.last_age,
        promised=case.promised,
        now_age=case.age_at(now),
    )


def _changed(case: load.Case, mark: int) -> live.Changed:
    return live.Changed(
        type="live.changed",
        boot=case.ident,
        service=case.service,
        environment=case.environment,
        release=case.release,
        mark=mark,
    )
