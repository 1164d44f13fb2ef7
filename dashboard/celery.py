"""The Celery application: configured by the `CELERY_` settings, its tasks live in `ingest.tasks`.

Worker and beat each touch a file while they do their work, and not merely exist. The supervisor and
container health checks look at its age.
"""

import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import after_task_publish, heartbeat_sent
from django.conf import settings

import dashboard.logs.tasks  # noqa: F401 - its handlers put a task's id and name into its lines

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

app = Celery("falsestart")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["ingest"])


def pulse(name: str) -> Path:
    """The file whose modification time is the last sign of life of `worker` or `beat`."""
    return Path(settings.FALSESTART_HOME) / f"{name}.pulse"


@heartbeat_sent.connect  # type: ignore[untyped-decorator]
def worker_reached_the_broker(**_: Any) -> None:
    """Sent every 2 s by a worker that is connected."""
    pulse("worker").touch(mode=0o600)


@after_task_publish.connect(sender="ingest.sweep")  # type: ignore[untyped-decorator]
def beat_published_a_sweep(**_: Any) -> None:
    """Only beat publishes sweeps, every second."""
    pulse("beat").touch(mode=0o600)
