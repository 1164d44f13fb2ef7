"""The few places where SQLite and PostgreSQL need different words."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

# Column and, for PostgreSQL's binary COPY, its type.
EVENT_TYPES = {
    "boot_id": "int8",
    "environment_id": "int8",
    "role": "varchar",
    "reporter": "varchar",
    "seq": "int8",
    "ident": "varchar",
    "kind": "varchar",
    "age": "float8",
    "at": "timestamptz",
    "instance": "varchar",
    "revision": "int8",
    "body": "text",
    "received_at": "timestamptz",
}
EVENT_COLUMNS = ", ".join(EVENT_TYPES)
_STAMPS = [place for place, kind in enumerate(EVENT_TYPES.values()) if kind == "timestamptz"]
SPARSE = 2  # times as many numbers as are wanted may lie in a range that is read instead of them


def insert_events(rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows of `EVENT_COLUMNS`; the caller has made sure that none is there yet."""
    if connection.vendor == "postgresql":
        _copy(rows)
        return
    marks = ", ".join("%s" for _ in EVENT_TYPES)
    _execute_many(f"INSERT INTO ingest_event ({EVENT_COLUMNS}) VALUES ({marks})", rows, _STAMPS)


def update_rows(table: str, columns: Sequence[str], rows: Iterable[tuple[int, tuple[Any, ...]]]) -> None:
    """Set these columns of many rows, each given as its id and the columns' values."""
    marks = ", ".join(f"{column} = %s" for column in columns)
    statement = f"UPDATE {table} SET {marks} WHERE id = %s"
    _execute_many(statement, [(*values, pk) for pk, values in rows], range(len(columns)))


def _execute_many(statement: str, rows: Iterable[tuple[Any, ...]], stamps: Iterable[int]) -> None:
    if connection.vendor == "sqlite":
        rows = _spelled(rows, tuple(stamps))
    with connection.cursor() as cursor:
        cursor.executemany(statement, list(rows))


def _spelled(rows: Iterable[tuple[Any, ...]], places: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows with the stamps at these places as SQLite keeps them.

    Rows share their stamps, so each is spelled once.
    """
    texts: dict[datetime, Any] = {}
    for row in rows:
        cells = list(row)
        for place in places:
            if isinstance(stamp := cells[place], datetime):
                if stamp not in texts:
                    texts[stamp] = connection.ops.adapt_datetimefield_value(stamp)
                cells[place] = texts[stamp]
        yield tuple(cells)


def among(values: Sequence[Any]) -> tuple[str, Any]:
    """Return a condition `… IN these` with one parameter, however many values there are."""
    if connection.vendor == "postgresql":
        return "= ANY(%s)", list(values)
    return "IN (SELECT value FROM json_each(%s))", json.dumps(list(values))


def among_numbers(column: str, values: Sequence[int]) -> tuple[str, list[Any]]:
    """Return a condition that holds for these sorted numbers, and for few others, with its parameters.

    Numbers mostly come without gaps: then a range is one look into the index instead of a thousand. It is
    said of the others, too: a planner that does not know the table yet takes the index that it helps.
    """
    between, bounds = f"{column} BETWEEN %s AND %s", [values[0], values[-1]]
    if values[-1] - values[0] < SPARSE * len(values):
        return between, bounds
    condition, parameter = among(values)
    return f"{between} AND {column} {condition}", [*bounds, parameter]


def _copy(rows: Iterable[tuple[Any, ...]]) -> None:
    statement = f"COPY ingest_event ({EVENT_COLUMNS}) FROM STDIN (FORMAT BINARY)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(list(EVENT_TYPES.values()))
        for row in rows:
            copy.write_row(row)
