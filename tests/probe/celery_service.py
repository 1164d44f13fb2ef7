"""A Celery worker that marks its phases and never sees ASGI."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init, worker_ready
from falsestart import Contract, Probe

app = Celery("reports", broker=os.environ["BROKER"], backend=os.environ["BROKER"])
app.conf.broker_connection_retry_on_startup = True

probe = Probe("reports", contract=Contract(phases=["database", "broker"], gate="broker"))

with probe.phase("database"):
    CONNECTED = True

broker = probe.phase("broker", kind="wait")
broker.__enter__()


def main_is_ready(**_: Any) -> None:
    """The main process has its broker."""
    broker.__exit__(None, None, None)
    probe.ready()


def child_is_ready(**_: Any) -> None:
    """A forked child has what its parent had, and is a boot of its own."""
    with probe.phase("broker"):
        CONNECTED  # noqa: B018 - the connection is the parent's
    probe.ready()


def double(number: int) -> int:
    """Something to do."""
    return 2 * number


worker_ready.connect(main_is_ready)
worker_process_init.connect(child_is_ready)
app.task(double)
