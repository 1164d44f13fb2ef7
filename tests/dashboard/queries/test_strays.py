"""Sockets that only their clients saw."""

from datetime import datetime, timedelta

import pytest

from dashboard.queries.release import newest_boots
from dashboard.queries.rows import BootRow
from dashboard.queries.strays import strays_of
from ingest.models import Boot
from tests.dashboard import builder
from tests.dashboard.builder import NOW, stray

pytestmark = pytest.mark.django_db

STARTED = NOW - timedelta(minutes=5)


def found(*boots: Boot) -> list[tuple[str, tuple[str, ...]]]:
    rows: list[BootRow] = [row for boot in boots for row in newest_boots(boot.release_id, 10)]
    strays = strays_of(boots[0].environment_id, rows) if boots else strays_of(1, [])
    return [(row.socket.socket, row.candidates) for row in strays]


def test_without_a_boot_there_is_nothing_to_belong_to() -> None:
    assert found() == []


def test_a_stray_is_found_with_the_boots_that_it_may_belong_to_newest_first() -> None:
    made = builder.boot("r2", ident="b-1", started_at=STARTED)
    stray("old", STARTED, "b-0, b-1")
    stray("new", STARTED + timedelta(minutes=1), "b-1, b-2")
    assert found(made) == [("new", ("b-1", "b-2")), ("old", ("b-0", "b-1"))]


def test_a_stray_that_belongs_to_others_is_left_out() -> None:
    made = builder.boot("r2", ident="b-1", started_at=STARTED)
    stray("other", STARTED, "b-8, b-9")
    stray("elsewhere", STARTED, "b-1", place=builder.environment("another"))
    stray("well", STARTED, "b-1", cause="")
    assert found(made) == []


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (STARTED - timedelta(seconds=2), []),
        (STARTED, [("lonely", ())]),
        (NOW, [("lonely", ())]),
        (NOW + timedelta(seconds=2), []),
    ],
    ids=["before", "first", "last", "after"],
)
def test_a_stray_without_candidates_is_shown_where_it_came_while_boots_lived(
    at: datetime, shown: list[tuple[str, tuple[str, ...]]]
) -> None:
    made = builder.boot("r2", started_at=STARTED, last_seen_at=NOW)
    stray("lonely", at, "")
    assert found(made) == shown
