"""What the worker says of its tasks: each line carries the task's id and name, and a slow one is told."""

import logging
import time
from typing import Any

from celery.signals import task_postrun, task_prerun

from dashboard.logs.lines import context

SLOW = 1.0  # s; sweeps and hints come many a second, and those that take less are not worth a line

log = logging.getLogger("falsestart.task")

_began: dict[str, float] = {}  # s, by task id


@task_prerun.connect  # type: ignore[untyped-decorator]
def task_begins(task_id: str, task: Any, **_: Any) -> None:  # noqa: ANN401 - Celery's
    """Let every line of this thread say what it belongs to."""
    _began[task_id] = time.perf_counter()
    context.set({"task_id": task_id, "task_name": task.name})


@task_postrun.connect  # type: ignore[untyped-decorator]
def task_ends(task_id: str, task: Any, state: str | None = None, **_: Any) -> None:  # noqa: ANN401 - Celery's
    """Tell how long it took; a failure's stack is Celery's own line."""
    took = time.perf_counter() - _began.pop(task_id, time.perf_counter())
    level = logging.INFO if took >= SLOW or state == "FAILURE" else logging.DEBUG
    fields = {"state": state, "duration_ms": round(1000 * took, 1)}
    log.log(level, "task %s %s", task.name, (state or "ended").lower(), extra=fields)
    context.set({})
