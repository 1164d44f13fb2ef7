"""The Celery application: configured by the `CELERY_` settings, its tasks live in `ingest.tasks`.

Worker and beat show signs of life while they do their work, and not merely exist: in a file for whoever
supervises them on their own machine, and in Redis for `/readyz` on every other.
"""

import logging
import os
import socket
from functools import cache
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import after_task_publish, heartbeat_sent
from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

import dashboard.logs.tasks  # noqa: F401 - its handlers put a task's id and name into its lines
from dashboard import pulses

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

PULSE_TIMEOUT = 0.5  # seconds; a sign of life must not hold up the work

log = logging.getLogger(__name__)

app = Celery("falsestart")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["ingest"])


def pulse(name: str) -> Path:
    """The file whose modification time is the last sign of life of `worker` or `beat`."""
    return Path(settings.FALSESTART_HOME) / f"{name}.pulse"


@cache
def _redis() -> Redis:
    client: Redis = settings.REDIS.client(PULSE_TIMEOUT)
    return client


def show_life(role: str) -> None:
    """Touch the role's file, and tell Redis where it can be told."""
    pulse(role).touch(mode=0o600)
    try:
        pulses.show(_redis(), role, f"{socket.gethostname()}:{os.getpid()}")
    except (RedisError, OSError) as error:
        log.debug("Redis does not know that this %s lives (%s)", role, type(error).__name__)


@heartbeat_sent.connect  # type: ignore[untyped-decorator]
def worker_reached_the_broker(**_: Any) -> None:
    """Sent every 2 s by a worker that is connected."""
    show_life("worker")


@after_task_publish.connect(sender="ingest.sweep")  # type: ignore[untyped-decorator]
def beat_published_a_sweep(**_: Any) -> None:
    """Only beat publishes sweeps, every second."""
    show_life("beat")
