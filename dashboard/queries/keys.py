"""The keys that were made, and the names that they may be limited to."""

from dataclasses import dataclass
from datetime import datetime

from dashboard.queries.rows import read
from ingest.models import Environment, Key

MOST_ENDED = 200  # keys that work no more, newest first
MOST_NAMES = 500  # suggested


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyRow:
    """A key as people may see it."""

    id: int
    prefix: str
    scope: str
    service: str
    environment: str
    origins: list[str]
    label: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str
    last_used_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """What there is to limit a key to."""

    services: list[str]
    environments: list[str]


def keys(now: datetime) -> list[KeyRow]:
    """Return all keys that work at `now`, then the newest of those that do not; each newest first."""
    working = Key.objects.filter(revoked_at=None).exclude(expires_at__lte=now)
    ended = Key.objects.exclude(pk__in=working.values("pk"))
    newest = ("-created_at", "-pk")
    return [
        *read(KeyRow, working.order_by(*newest)),
        *read(KeyRow, ended.order_by(*newest)[:MOST_ENDED]),
    ]


def key(pk: int) -> KeyRow | None:
    """Return a key, or None where there is none."""
    return next(iter(read(KeyRow, Key.objects.filter(pk=pk))), None)


def names() -> Names:
    """Return the services and environments that have reported, by name."""
    rows = Environment.objects.order_by()
    services = rows.values_list("service__name", flat=True).distinct().order_by("service__name")
    environments = rows.values_list("name", flat=True).distinct().order_by("name")
    return Names(services=list(services[:MOST_NAMES]), environments=list(environments[:MOST_NAMES]))
