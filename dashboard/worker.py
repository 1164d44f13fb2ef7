"""The worker: `celery --app dashboard.worker worker`. The Celery application, with a start that is told."""

from typing import Any

from celery.signals import worker_ready, worker_shutting_down

from dashboard.startup import Startup

startup = Startup("worker")
startup.django()
startup.work.__enter__()

from dashboard.celery import app  # noqa: E402 - needs Django set up

__all__ = ["app", "startup"]


@worker_ready.connect  # type: ignore[untyped-decorator]
def consumes(**_: Any) -> None:
    """Sent once, when the worker is connected to the broker."""
    startup.at_work()


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def stops(**_: Any) -> None:
    """Sent when it was asked to stop, before it has."""
    startup.probe.draining()
