"""Beat: `celery --app dashboard.beat beat`. The Celery application, with a start that is told."""

from typing import Any

from celery.signals import after_task_publish

from dashboard.startup import Startup

startup = Startup("beat")
startup.django()
startup.work.__enter__()

from dashboard.celery import app  # noqa: E402 - needs Django set up

__all__ = ["app", "startup"]


@after_task_publish.connect(sender="ingest.sweep")  # type: ignore[untyped-decorator]
def sweeps(**_: Any) -> None:
    """Sent every second; the first is the end of the start."""
    startup.at_work()
