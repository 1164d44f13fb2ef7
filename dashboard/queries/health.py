"""Whether what the product leans on is there, and whether its workers keep up.

Each check is a state in a word, what was measured, its unit, and the limit that is configured for it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Literal

from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from redis import Redis
from redis.exceptions import RedisError

from dashboard import pulses
from dashboard.stores import POSTGRES_CONNECT_TIMEOUT
from ingest.models import Boot, Environment

REDIS_TIMEOUT = BROKER_TIMEOUT = 0.5  # s; whoever asks waits a second or two for the whole answer
SILENT_AFTER = 15.0  # s without a sign of life; workers show one every 2 s, beat every second
LATE_AFTER = 10.0  # s that a boot may be overdue; the sweep takes what is overdue for 2 s

State = Literal["ok", "away", "behind", "silent", "late", "unknown"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One thing that was looked at."""

    state: State
    measured: float | None  # None where there was nothing to measure.
    unit: str
    limit: float


def stored() -> dict[str, Check]:
    """The database, and whether it has the tables that this version needs."""
    limit = POSTGRES_CONNECT_TIMEOUT * 1000.0
    began = time.perf_counter()
    try:
        applied = set(MigrationRecorder(connection).applied_migrations())
    except DatabaseError:
        away = Check(state="away", measured=None, unit="ms", limit=limit)
        return {"database": away, "migrations": _unknown("missing", 0)}
    took = _ms_since(began)
    missing = len(_needed() - applied)
    return {
        "database": Check(state="ok", measured=took, unit="ms", limit=limit),
        "migrations": Check(state="behind" if missing else "ok", measured=missing, unit="missing", limit=0),
    }


def carried() -> dict[str, Check]:
    """What carries tasks and hints, and the signs of life that are kept there."""
    client = _redis()
    layer = _reached(client.ping, REDIS_TIMEOUT)
    broker = layer if settings.BROKER.is_redis else _reached(_connect_to_broker, BROKER_TIMEOUT)
    known = layer.state == "ok"
    return {
        "broker": broker,
        "channel_layer": layer,
        "worker": _alive(client, "worker") if known else _unknown("s", SILENT_AFTER),
        "beat": _alive(client, "beat") if known else _unknown("s", SILENT_AFTER),
    }


def queue(now: datetime) -> Check:
    """How late correlation is: for how long the oldest overdue boot or environment has been due."""
    try:
        oldest = [_oldest_due(model, now) for model in (Boot, Environment)]
    except DatabaseError:
        return _unknown("s", LATE_AFTER)
    late = max([(now - due).total_seconds() for due in oldest if due], default=0.0)
    return Check(
        state="late" if late > LATE_AFTER else "ok", measured=round(late, 3), unit="s", limit=LATE_AFTER
    )


def _oldest_due(model: type[Boot] | type[Environment], now: datetime) -> datetime | None:
    due = model.objects.filter(due_at__lte=now).order_by("due_at")
    return due.values_list("due_at", flat=True).first()


@cache
def _redis() -> Redis:
    client: Redis = settings.REDIS.client(REDIS_TIMEOUT)
    return client


@cache
def _needed() -> frozenset[tuple[str, str]]:
    # From the disk alone, and once: what a process was built from does not change while it runs.
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def _connect_to_broker() -> None:
    # Past the connection's own patience, which tries again and again.
    transport = current_app.connection_for_write(connect_timeout=BROKER_TIMEOUT).transport
    transport.close_connection(transport.establish_connection())


def _reached(ask: Callable[[], object], timeout: float) -> Check:
    began = time.perf_counter()
    try:
        ask()
    except Exception:  # noqa: BLE001 - each client has errors of its own, and all mean the same here
        return Check(state="away", measured=None, unit="ms", limit=timeout * 1000)
    return Check(state="ok", measured=_ms_since(began), unit="ms", limit=timeout * 1000)


def _alive(client: Redis, role: str) -> Check:
    try:
        youngest = next(iter(pulses.ages(client, role)), None)
    except (RedisError, OSError):
        return _unknown("s", SILENT_AFTER)
    if youngest is None:
        return Check(state="silent", measured=None, unit="s", limit=SILENT_AFTER)
    state: State = "ok" if youngest <= SILENT_AFTER else "silent"
    return Check(state=state, measured=round(youngest, 3), unit="s", limit=SILENT_AFTER)


def _unknown(unit: str, limit: float) -> Check:
    return Check(state="unknown", measured=None, unit=unit, limit=limit)


def _ms_since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 3)
