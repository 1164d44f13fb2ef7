"""What is read of deployments."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboard.queries.deployments import SHOWN, SLACK, latest, of_release
from ingest.models import Release
from tests.dashboard import builder
from tests.dashboard.builder import NOW

pytestmark = pytest.mark.django_db


def pk_of(release: str) -> int:
    return Release.objects.get(name=release).pk


def test_the_latest_of_an_environment_and_of_each_release_that_runs_are_read() -> None:
    place = builder.environment()
    builder.boot("r1")
    for number, release in enumerate(["r1", "r1", "r2", "r3"]):
        builder.deployment(release, at=NOW + timedelta(minutes=number))
    builder.deployment("r9", place=builder.environment("other"))
    found = latest([place.pk], [pk_of("r1")], NOW)
    told = [(row.release, row.at, row.booted) for row in found]
    assert told == [("r1", NOW + timedelta(minutes=1), True), ("r3", NOW + timedelta(minutes=3), False)]


def test_a_deployment_that_is_yet_to_come_hides_none_before() -> None:
    place = builder.environment()
    builder.boot("r1")
    for release, at in (("r1", NOW), ("r1", NOW + SLACK), ("r1", NOW + 2 * SLACK), ("r2", NOW + 2 * SLACK)):
        builder.deployment(release, at=at)
    found = [latest([place.pk], [pk_of("r1")], now) for now in (NOW, NOW + SLACK)]
    told = [[(row.release, row.at) for row in rows] for rows in found]
    assert told == [[("r1", NOW + SLACK)], [("r1", NOW + 2 * SLACK), ("r2", NOW + 2 * SLACK)]]


def test_a_release_knows_its_newest_deployments() -> None:
    for number in range(SHOWN + 1):
        builder.deployment("r1", at=NOW + timedelta(minutes=number))
    last = [NOW + timedelta(minutes=number) for number in range(SHOWN, 0, -1)]
    assert [row.at for row in of_release(pk_of("r1"))] == last


def test_both_are_one_statement_however_many_there_are() -> None:
    place = builder.environment()
    for number in range(5):
        builder.deployment(f"r{number}", at=NOW + timedelta(minutes=number))
    keys = [pk_of("r1"), pk_of("r2")]
    with CaptureQueriesContext(connection) as statements:
        latest([place.pk], keys, NOW)
        of_release(keys[0])
    assert len(statements) == 2
