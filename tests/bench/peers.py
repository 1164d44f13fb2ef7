"""The limit: the rows that the product has just stored, written again by the database's own bulk statement.

A peer writes into the same table of the same database, so its indexes, foreign keys, constraints, growth
and durability are the product's. Its boots are twins of the product's; they, and the rows in the shape
that the statement wants, are made before the clock runs. What is timed is one process that does nothing
but write, one transaction a batch.
"""

import sqlite3
import time
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import psycopg
from psycopg import sql

TWIN = "twin-"
# Durable as the product's own connections, and with their cache and checkpoints.
SQLITE_PRAGMAS = (
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-65536",
    "PRAGMA wal_autocheckpoint=4000",
)
COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)  # signature, no flags, no extension
COPY_TRAILER = b"\xff\xff"

COUNT = """
    SELECT count(*) FROM ingest_event event JOIN ingest_boot boot ON boot.id = event.boot_id
    WHERE boot.ident LIKE '%s.%%'
"""


class Peer(Protocol):
    """One engine's raw writer. Rounds are told apart by how their boots' names begin."""

    statement: str

    def describe(self) -> str:
        """Say which engine it is and how durable it writes."""
        ...

    def stored(self, name: str) -> int:
        """How many events are stored of the boots of a round."""
        ...

    def prepare(self, name: str, size: int) -> None:
        """Make a round's twin boots, and its rows in batches of `size`."""
        ...

    def write(self) -> float:
        """Write the prepared rows, one transaction a batch; return the seconds it took."""
        ...


def _twins(columns: Iterable[str], name: str) -> str:
    """The statement that makes a twin of each boot of a round."""
    others = ", ".join(column for column in columns if column != "ident")
    return (
        f"INSERT INTO ingest_boot (ident, {others}) "
        f"SELECT '{TWIN}' || ident, {others} FROM ingest_boot WHERE ident LIKE '{name}.%'"
    )


def _rows(columns: Iterable[str], name: str) -> str:
    """The query for a round's events as those of the twins, in the order in which they were stored."""
    values = ", ".join("twin.id" if column == "boot_id" else f"event.{column}" for column in columns)
    return f"""
        SELECT {values} FROM ingest_event event
        JOIN ingest_boot boot ON boot.id = event.boot_id
        JOIN ingest_boot twin ON twin.ident = '{TWIN}' || boot.ident
        WHERE boot.ident LIKE '{name}.%' ORDER BY event.id
    """


def _batches(rows: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [rows[first : first + size] for first in range(0, len(rows), size)]


class SqlitePeer:
    """`executemany` on a connection of its own."""

    statement = "executemany"

    def __init__(self, path: str) -> None:
        """Open the product's database file."""
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in SQLITE_PRAGMAS:
            self._connection.execute(pragma)
        self._event = self._columns("ingest_event")
        self._prepared: list[Sequence[Any]] = []

    def describe(self) -> str:
        """Say which engine it is and how durable it writes."""
        (mode,) = self._connection.execute("PRAGMA journal_mode").fetchone()
        return f"SQLite {sqlite3.sqlite_version}, journal_mode {mode}, synchronous full"

    def stored(self, name: str) -> int:
        """How many events are stored of the boots of a round."""
        return int(self._connection.execute(COUNT % name).fetchone()[0])

    def prepare(self, name: str, size: int) -> None:
        """Make a round's twin boots, and its rows in batches of `size`."""
        self._connection.execute(_twins(self._columns("ingest_boot"), name))
        rows = self._connection.execute(_rows(self._event, name)).fetchall()
        self._prepared = _batches(rows, size)

    def write(self) -> float:
        """Write the prepared rows, one transaction a batch; return the seconds it took."""
        marks = ", ".join("?" for _ in self._event)
        statement = f"INSERT INTO ingest_event ({', '.join(self._event)}) VALUES ({marks})"
        began = time.perf_counter()
        for batch in self._prepared:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(statement, batch)
            self._connection.execute("COMMIT")
        return time.perf_counter() - began

    def _columns(self, table: str) -> list[str]:
        rows = self._connection.execute(f"PRAGMA table_info({table})")
        return [row[1] for row in rows if row[1] != "id"]


class PostgresPeer:
    """Binary `COPY` of bytes that are ready to be sent, on a connection of its own."""

    statement = "COPY"

    def __init__(self, url: str) -> None:
        """Connect to the product's database."""
        self._connection = psycopg.connect(url, autocommit=True)
        self._event = self._columns("ingest_event")
        self._prepared: list[bytes] = []

    def describe(self) -> str:
        """Say which engine it is and how durable it writes."""
        shown = {
            name: self._one(f"SHOW {name}") for name in ("server_version", "fsync", "synchronous_commit")
        }
        version = shown.pop("server_version")
        return f"PostgreSQL {version}, " + ", ".join(f"{name} {value}" for name, value in shown.items())

    def stored(self, name: str) -> int:
        """How many events are stored of the boots of a round."""
        return int(self._one(COUNT % name))

    def prepare(self, name: str, size: int) -> None:
        """Make a round's twin boots, and its rows in batches of `size`."""
        self._execute(_twins(self._columns("ingest_boot"), name))
        self._prepared = [
            COPY_HEADER + b"".join(rows) + COPY_TRAILER for rows in _batches(self._sent_rows(name), size)
        ]

    def write(self) -> float:
        """Write the prepared rows, one transaction a batch; return the seconds it took."""
        statement = sql.SQL(f"COPY ingest_event ({', '.join(self._event)}) FROM STDIN (FORMAT BINARY)")
        with self._connection.cursor() as cursor:
            began = time.perf_counter()
            for batch in self._prepared:
                with cursor.copy(statement) as copy:
                    copy.write(batch)
            return time.perf_counter() - began

    def _sent_rows(self, name: str) -> list[bytes]:
        statement = sql.SQL(f"COPY ({_rows(self._event, name)}) TO STDOUT (FORMAT BINARY)")
        with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            # The server sends a message a row; the first begins with the header, the last is the trailer.
            sent = [bytes(message) for message in copy]
        rows = [sent[0].removeprefix(COPY_HEADER), *sent[1:]]
        return [row for row in rows if row != COPY_TRAILER]

    def _columns(self, table: str) -> list[str]:
        found = self._execute(f"SELECT * FROM {table} LIMIT 0").description or ()
        return [column.name for column in found if column.name != "id"]

    def _execute(self, statement: str) -> "psycopg.Cursor[tuple[Any, ...]]":
        return self._connection.execute(sql.SQL(statement))

    def _one(self, statement: str) -> Any:
        row = self._execute(statement).fetchone()
        assert row is not None
        return row[0]
