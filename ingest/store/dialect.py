"""The few places where SQLite and PostgreSQL need different words."""

import json
from collections.abc import Iterable, Sequence
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


def insert_events(rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows of `EVENT_COLUMNS`; the caller has made sure that none is there yet."""
    if connection.vendor == "postgresql":
        _copy(rows)
        return
    marks = ", ".join("%s" for _ in EVENT_TYPES)
    _execute_many(f"INSERT INTO ingest_event ({EVENT_COLUMNS}) VALUES ({marks})", rows)


def update_rows(table: str, columns: Sequence[str], rows: Iterable[tuple[int, tuple[Any, ...]]]) -> None:
    """Set these columns of many rows, each given as its id and the columns' values."""
    marks = ", ".join(f"{column} = %s" for column in columns)
    _execute_many(f"UPDATE {table} SET {marks} WHERE id = %s", [(*values, pk) for pk, values in rows])


def _execute_many(statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(statement, [tuple(map(_plain, row)) for row in rows])


def among(values: Sequence[Any]) -> tuple[str, Any]:
    """Return a condition `… IN these` with one parameter, however many values there are."""
    if connection.vendor == "postgresql":
        return "= ANY(%s)", list(values)
    return "IN (SELECT value FROM json_each(%s))", json.dumps(list(values))


def _copy(rows: Iterable[tuple[Any, ...]]) -> None:
    statement = f"COPY ingest_event ({EVENT_COLUMNS}) FROM STDIN (FORMAT BINARY)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(list(EVENT_TYPES.values()))
        for row in rows:
            copy.write_row(row)


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value
