"""What the fleet page reads."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboard.queries.fleet import fleet
from tests.dashboard import builder
from tests.dashboard.builder import NOW

pytestmark = pytest.mark.django_db


def test_the_release_of_the_youngest_boot_is_the_current_one() -> None:
    builder.boot("r1", started_at=NOW - timedelta(hours=2))
    builder.boot("r2", started_at=NOW - timedelta(hours=1))
    (row,) = fleet(NOW).environments
    assert (row.release, row.previous) == ("r2", "r1")


def test_a_roll_back_replaces_what_it_rolls_back() -> None:
    builder.boot("r1", started_at=NOW - timedelta(hours=2))
    builder.boot("r2", started_at=NOW - timedelta(hours=1))
    builder.boot("r1", started_at=NOW)
    (row,) = fleet(NOW).environments
    assert (row.release, row.previous) == ("r1", "r2")


def test_what_stopped_hours_ago_is_not_counted_and_what_failed_is() -> None:
    long_ago = NOW - timedelta(hours=5)
    builder.boot("r1", state="stopped", started_at=long_ago)
    builder.boot("r1", state="failed", started_at=long_ago)
    builder.boot("r1", state="ready", started_at=NOW - timedelta(days=9))
    found = fleet(NOW)
    assert list(found.states.values()) == [{"failed": 1, "ready": 1}]


def test_expected_failures_are_not_counted() -> None:
    made = builder.boot("r1", listening=2.0)
    builder.socket(made, 2.5, "gated")
    builder.socket(made, 2.5, stands_for=3)
    found = fleet(NOW)
    assert [list(hours.values()) for hours in found.failures.values()] == [[3]]


def test_silence_without_open_sockets_past_the_gate_is_idle() -> None:
    builder.boot("r1", state="silent")
    talking = builder.boot("r1", state="silent")
    builder.socket(talking, 4.0, "", outcome="open", settled=False)
    assert list(fleet(NOW).idle.values()) == [1]


def test_more_services_cost_no_more_statements() -> None:
    counted = []
    for number in range(2):
        builder.boot("r1", place=builder.environment(f"s{number}"))
        with CaptureQueriesContext(connection) as statements:
            fleet(NOW)
        counted.append(len(statements))
    assert counted[0] == counted[1]
