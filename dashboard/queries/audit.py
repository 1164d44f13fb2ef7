"""The audit trail, newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.queries.rows import read
from ingest.models import AuditEntry

PAGE = 100  # entries


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One act."""

    id: int
    at: datetime
    by: str  # Empty: a command on the server.
    act: str
    subject: str
    before: dict[str, Any]
    after: dict[str, Any]


def entries(before: int | None = None) -> tuple[list[Entry], int | None]:
    """Return a page of entries, and where the next one begins; None after the last.

    `before` is the id with which the page before ended. Ids grow with time but for acts at the same moment.
    """
    rows = AuditEntry.objects.order_by("-pk")
    found = read(Entry, (rows.filter(pk__lt=before) if before is not None else rows)[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def count() -> int:
    """Return how many acts are on record."""
    return AuditEntry.objects.count()
