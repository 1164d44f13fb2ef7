"""A deployment told once or many times is one row."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from ingest.models import Deployment, Environment
from ingest.store.deployments import Recorded, Told, record

AT = datetime(2026, 9, 16, 1, 42, 53, 100_000, tzinfo=UTC)
NOW = AT + timedelta(seconds=3)
TOLD = Told(service="chat", environment="live", release="r2", at=AT, by="ada", url="https://ci.example/7")


def told(**changes: object) -> Told:
    """The same deployment but for these facts."""
    known = {name: getattr(TOLD, name) for name in Told.__dataclass_fields__}
    return Told(**{**known, **changes})


@pytest.mark.django_db
def test_a_deployment_makes_the_names_that_are_new() -> None:
    recorded = record(TOLD, NOW)
    row = Deployment.objects.get()
    assert recorded == Recorded(key=row.pk, mark=1, new=True)
    assert (str(row.environment), row.release.name, row.at, row.by, row.url, row.received_at) == (
        "chat / live",
        "r2",
        AT,
        "ada",
        "https://ci.example/7",
        NOW,
    )


@pytest.mark.django_db
def test_the_same_again_changes_nothing() -> None:
    first = record(TOLD, NOW)
    again = record(told(by="grace", url="", at=AT.astimezone()), NOW + timedelta(hours=1))
    assert (again, Deployment.objects.get().by) == (Recorded(key=first.key, mark=1, new=False), "ada")
    assert Environment.objects.get().mark == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "other",
    [{"release": "r3"}, {"at": AT + timedelta(microseconds=1)}, {"environment": "test"}, {"service": "shop"}],
)
def test_another_release_instant_or_place_is_another_deployment(other: dict[str, object]) -> None:
    assert [record(TOLD, NOW).new, record(told(**other), NOW).new] == [True, True]


@pytest.mark.django_db
def test_each_moves_the_mark_of_its_environment_on() -> None:
    marks = [record(told(at=AT + timedelta(minutes=n)), NOW).mark for n in range(3)]
    assert (marks, Environment.objects.get().mark) == ([1, 2, 3], 3)


@pytest.mark.django_db(transaction=True)
def test_many_that_tell_the_same_at_once_tell_it_once() -> None:
    def tell(_: int) -> Recorded:
        try:
            return record(TOLD, NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pipelines:
        recorded = list(pipelines.map(tell, range(16)))
    assert (sum(found.new for found in recorded), len({found.key for found in recorded})) == (1, 1)
    assert Deployment.objects.count() == 1
