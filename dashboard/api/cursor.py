"""Where a page ended, as an opaque text that fits into an address."""

import base64
import binascii
import struct
from datetime import UTC, datetime, timedelta

from dashboard.queries.events import Arrival
from dashboard.queries.keyset import Position

_LAYOUT = struct.Struct(">cqq")  # which list, where in its order, primary key
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_BY_TIME, _BY_ARRIVAL = b"t", b"a"


def write_position(end: Position | None) -> str | None:
    """Return the cursor of a list by time."""
    return None if end is None else _write(_BY_TIME, (end.at - _EPOCH) // _MICROSECOND, end.key)


def read_position(cursor: str | None) -> Position | None:
    """Return where a list by time goes on; `ValueError` for what is no such cursor."""
    if cursor is None:
        return None
    microseconds, key = _read(_BY_TIME, cursor)
    try:
        return Position(at=_EPOCH + microseconds * _MICROSECOND, key=key)
    except OverflowError:
        raise ValueError(_MESSAGE) from None


def write_arrival(end: Arrival | None) -> str | None:
    """Return the cursor of a list in the order of arrival."""
    return None if end is None else _write(_BY_ARRIVAL, end.revision, end.key)


def read_arrival(cursor: str | None) -> Arrival | None:
    """Return where a list in the order of arrival goes on; `ValueError` for what is no such cursor."""
    if cursor is None:
        return None
    revision, key = _read(_BY_ARRIVAL, cursor)
    return Arrival(revision=revision, key=key)


_MESSAGE = "is not a cursor of this list; send what `next` held"


def _write(kind: bytes, place: int, key: int) -> str:
    return base64.urlsafe_b64encode(_LAYOUT.pack(kind, place, key)).rstrip(b"=").decode()


def _read(kind: bytes, cursor: str) -> tuple[int, int]:
    try:
        packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found, place, key = _LAYOUT.unpack(packed)
    except (binascii.Error, struct.error, ValueError):
        raise ValueError(_MESSAGE) from None
    if found != kind:
        raise ValueError(_MESSAGE)
    return place, key
