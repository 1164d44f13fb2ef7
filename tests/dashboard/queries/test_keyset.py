"""Pages by position: a row is told once, whatever arrives meanwhile."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import Q

from dashboard.queries.keyset import Position, in_order, newest, period
from ingest.models import Boot
from tests.dashboard.api import stored

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 9, 16, 12, tzinfo=UTC)


def test_a_page_starts_after_the_row_that_ended_the_one_before_though_they_share_an_instant() -> None:
    first, second, third = (stored.boot(ident).pk for ident in "abc")

    keys, end = newest(Boot.objects.all(), [Q()], "started_at", None, 2)
    rest, last = newest(Boot.objects.all(), [Q()], "started_at", end, 2)

    assert (keys, end) == ([third, second], Position(at=stored.START, key=second))
    assert (rest, last) == ([first], None)


def test_a_position_is_exact_to_the_microsecond() -> None:
    old = stored.boot("old", after=0.000001).pk
    new = stored.boot("new", after=0.000002).pk
    position = Position(at=stored.START + timedelta(microseconds=2), key=new)

    assert newest(Boot.objects.all(), [Q()], "started_at", position, 5) == ([old], None)


def test_parts_are_merged_into_one_order() -> None:
    keys = [stored.boot(f"b{n}", release=f"r{n % 3}", after=n).pk for n in range(7)]
    parts = [Q(release__name=f"r{n}") for n in range(3)]

    assert newest(Boot.objects.all(), parts, "started_at", None, 10) == (keys[::-1], None)


def test_no_part_is_no_row() -> None:
    stored.boot("b")

    assert newest(Boot.objects.all(), [], "started_at", None, 10) == ([], None)


def test_rows_that_have_gone_meanwhile_are_left_out() -> None:
    assert in_order([3, 1, 2], [{"key": 1}, {"key": 3}]) == [{"key": 3}, {"key": 1}]


def test_a_period_without_bounds_is_no_condition() -> None:
    assert period("started_at", None, None) == Q()
    assert period("started_at", NOON, None) == Q(started_at__gte=NOON)
    assert period("started_at", None, NOON) == Q(started_at__lt=NOON)
