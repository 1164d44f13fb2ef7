"""What workers do: fetch, call one function, store, tell the pages."""

from datetime import UTC, datetime

from celery import shared_task

from ingest import live
from ingest.domain.causes import Attribution, attribute, guessed
from ingest.domain.sockets import SocketFacts, merge
from ingest.domain.timeline import Timeline, build
from ingest.store import claim, load, record, sessions, strays


@shared_task(name="ingest.correlate", ignore_result=True)
def correlate(boots: list[int]) -> None:
    """Correlate these boots as far as they have news."""
    now = datetime.now(UTC)
    live.publish([changed for pk in boots if (changed := _correlate(pk, now)) is not None])


@shared_task(name="ingest.correlate_environments", ignore_result=True)
def correlate_environments(environments: list[int]) -> None:
    """Find boots for the sockets of these environments that came without one, then correlate those."""
    now = datetime.now(UTC)
    correlate([boot for pk in environments for boot in strays.settle(pk, now)])


@shared_task(name="ingest.sweep", ignore_result=True)
def sweep() -> None:
    """Correlate what is overdue: lost hints, dead workers, and what time alone decides."""
    now = datetime.now(UTC)
    overdue = claim.boots(now)
    correlate(overdue)
    correlate_environments(list(claim.environments(now)))
    if len(overdue) < claim.AT_ONCE:
        # Only where nobody waits for news: what a person changed may concern every boot there ever was.
        correlate(list(claim.redecided(now)))
    claim.forget_answers(now)


@shared_task(name="ingest.tidy", ignore_result=True)
def tidy() -> None:
    """Forget what is over and what nobody asks for any more."""
    sessions.forget(datetime.now(UTC))


def _correlate(pk: int, now: datetime) -> live.Changed | None:
    case = load.case(pk)
    if case is None:
        return None
    timeline = _timeline(case, now)
    news = load.sockets(case, everything=record.digest(case, timeline) != case.digest)
    case = case.hearing(news)
    found = record.Found(
        timeline=timeline,
        digest=record.digest(case, timeline),
        sockets=[_attributed(case, timeline, news, key) for key in news.events],
        tallies=load.tallies(case),
    )
    mark = record.boot(case, found, news)
    return None if mark is None else _changed(case, mark)


def _attributed(
    case: load.Case, timeline: Timeline, news: load.SocketNews, key: str
) -> tuple[SocketFacts, Attribution]:
    facts = merge(key, news.events[key].values())
    why = attribute(facts, timeline, load.clocks(case, news))
    return facts, guessed(why, case.ident) if news.guessed(key) else why


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
