"""Cursors: what is written is read again, and nothing else is."""

from datetime import UTC, datetime, timedelta

import pytest

from dashboard.api.cursor import read_arrival, read_position, write_arrival, write_position
from dashboard.queries.events import Arrival
from dashboard.queries.keyset import Position


@pytest.mark.parametrize("key", [1, 2**63 - 1])
@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 9, 16, 1, 42, 53, 100_001, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
    ],
)
def test_a_position_survives_to_the_microsecond(at: datetime, key: int) -> None:
    position = Position(at=at, key=key)

    assert read_position(write_position(position)) == position


def test_an_arrival_survives() -> None:
    arrival = Arrival(revision=7, key=9)

    assert read_arrival(write_arrival(arrival)) == arrival


def test_no_end_has_no_cursor() -> None:
    assert (write_position(None), write_arrival(None)) == (None, None)
    assert (read_position(None), read_arrival(None)) == (None, None)


def test_a_cursor_can_be_put_into_an_address_as_it_is() -> None:
    cursors = [
        write_position(Position(at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=n), key=n))
        for n in range(1_000)
    ]

    assert all(cursor and cursor.replace("-", "").replace("_", "").isalnum() for cursor in cursors)


def test_the_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(ValueError, match="is not a cursor of this list; send what `next` held"):
        read_position(write_arrival(Arrival(revision=1, key=1)))
    with pytest.raises(ValueError, match="is not a cursor of this list"):
        read_arrival(write_position(Position(at=datetime(2026, 1, 1, tzinfo=UTC), key=1)))
