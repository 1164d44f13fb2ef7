"""Readiness tells the truth: what cannot be done without decides, the rest is told with its measure."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from redis import Redis

from dashboard import pulses
from dashboard.celery import show_life
from dashboard.queries.health import LATE_AFTER, SILENT_AFTER
from ingest.models import Boot
from ingest.store.save import save_group
from tests.engines import Valkey
from tests.ingest.batches import document, incoming, race

pytestmark = [pytest.mark.integration, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def redis(redis_url: str) -> Iterator[Redis]:
    """A Redis that knows of no process."""
    with Redis.from_url(redis_url) as client:
        for role in ("worker", "beat"):
            client.delete(pulses.KEY.format(role=role))
        yield client


def readiness(client: Client) -> tuple[int, str, dict[str, Any]]:
    """The status code, the status in a word, and the checks."""
    answer = client.get("/readyz")
    document = answer.json()
    return answer.status_code, document["status"], document["checks"]


def test_a_process_that_answers_is_alive(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_it_is_ready_when_everything_is_at_work(client: Client) -> None:
    show_life("worker")
    show_life("beat")
    code, status, checks = readiness(client)
    assert (code, status) == (200, "ready")
    assert {name: (check["state"], check["unit"], check["limit"]) for name, check in checks.items()} == {
        "database": ("ok", "ms", 5_000.0),
        "migrations": ("ok", "missing", 0),
        "broker": ("ok", "ms", 500.0),
        "channel_layer": ("ok", "ms", 500.0),
        "worker": ("ok", "s", SILENT_AFTER),
        "beat": ("ok", "s", SILENT_AFTER),
        "queue": ("ok", "s", LATE_AFTER),
    }
    assert checks["queue"]["measured"] == checks["migrations"]["measured"] == 0
    assert all(checks[name]["measured"] > 0 for name in ("database", "broker", "worker", "beat"))


def test_silent_workers_degrade_it_and_do_not_take_it_away(client: Client, redis: Redis) -> None:
    show_life("beat")
    redis.zadd(pulses.KEY.format(role="worker"), {"gone:1": redis.time()[0] - 2 * SILENT_AFTER})
    code, status, checks = readiness(client)
    assert (code, status, checks["worker"]["state"]) == (200, "degraded", "silent")
    assert SILENT_AFTER < checks["worker"]["measured"] < 10 * SILENT_AFTER


def test_correlation_that_falls_behind_is_late(client: Client) -> None:
    save_group([incoming(document(race()))])
    Boot.objects.update(due_at=timezone.now() - timedelta(seconds=60))
    code, status, checks = readiness(client)
    assert (code, status, checks["queue"]["state"]) == (200, "degraded", "late")
    assert 60 <= checks["queue"]["measured"] < 120


def test_what_is_due_later_is_not_late(client: Client) -> None:
    save_group([incoming(document(race()))])
    Boot.objects.update(due_at=timezone.now() + timedelta(seconds=60))
    assert readiness(client)[2]["queue"]["measured"] == 0


def test_without_redis_nobody_knows_whether_workers_live(client: Client, valkey: Valkey) -> None:
    valkey.kill()
    try:
        code, status, checks = readiness(client)
    finally:
        valkey.start()
    assert (code, status) == (200, "degraded")
    states = {name: check["state"] for name, check in checks.items()}
    assert states == {
        "database": "ok",
        "migrations": "ok",
        "broker": "away",
        "channel_layer": "away",
        "worker": "unknown",
        "beat": "unknown",
        "queue": "ok",
    }
    assert readiness(client)[2]["broker"]["state"] == "ok"


def test_a_missing_migration_makes_it_not_ready(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_migrations SET app = 'elsewhere' WHERE app = 'ingest'")
        missing = cursor.rowcount
        code, status, checks = readiness(client)
        cursor.execute("UPDATE django_migrations SET app = 'ingest' WHERE app = 'elsewhere'")
    assert (code, status) == (503, "not ready")
    assert (checks["migrations"]["state"], checks["migrations"]["measured"]) == ("behind", missing)
