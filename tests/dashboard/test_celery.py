"""The Celery application: its tasks, its signs of life, and how long it waits for a Redis that is gone."""

import time
from pathlib import Path

import pytest
from celery.signals import after_task_publish, heartbeat_sent
from django.conf import settings
from kombu.exceptions import OperationalError

from dashboard.celery import app, pulse
from dashboard.management.up.valkey import is_free

PATIENCE = 2.0  # seconds: the one that publishing may take, and as much again on a busy machine


@pytest.fixture(autouse=True)
def no_pulse() -> None:
    """Each test begins without a sign of life."""
    for name in ("worker", "beat"):
        pulse(name).unlink(missing_ok=True)


def test_a_connected_worker_leaves_its_pulse() -> None:
    """In the state directory, where health checks look."""
    heartbeat_sent.send(sender=None)
    assert (pulse("worker").is_file(), pulse("worker").parent) == (True, Path(settings.FALSESTART_HOME))


def test_beat_leaves_its_pulse_with_each_sweep() -> None:
    """Every other task is published by the web process, which must not speak for beat."""
    after_task_publish.send(sender="ingest.correlate")
    silent = pulse("beat").exists()
    after_task_publish.send(sender="ingest.sweep")
    assert (silent, pulse("beat").exists()) == (False, True)


def test_beat_sweeps_every_second_and_sweeps_do_not_pile_up() -> None:
    """While no worker runs, old sweeps expire."""
    sweep = app.conf.beat_schedule["sweep"]
    assert (sweep["task"], sweep["schedule"], sweep["options"]["expires"]) == ("ingest.sweep", 1.0, 5.0)


def test_all_that_beat_asks_for_is_a_task() -> None:
    app.loader.import_default_modules()
    asked = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert (asked, asked - set(app.tasks)) == ({"ingest.sweep", "ingest.tidy"}, set())


def test_only_json_is_accepted() -> None:
    """Whoever reaches Redis must not be able to run code in a worker."""
    assert (app.conf.accept_content, app.conf.task_serializer, app.conf.result_backend) == (
        ["json"],
        "json",
        None,
    )


def test_publishing_gives_up_when_redis_is_gone() -> None:
    """The row is the promise; a message that cannot be sent must not hold anything up."""
    closed = next(port for port in range(19_000, 20_000) if is_free("127.0.0.1", port))
    began = time.monotonic()
    with (
        app.connection_for_write(url=f"redis://127.0.0.1:{closed}/0") as connection,
        pytest.raises(OperationalError),
    ):
        app.send_task("ingest.sweep", connection=connection)
    assert time.monotonic() - began < PATIENCE
