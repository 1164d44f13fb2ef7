"""gunicorn's settings for release r3."""

import os

from examples.chat.lifeline import die_with
from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

worker_class = "uvicorn_worker.UvicornWorker"
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
graceful_timeout = 2  # s
loglevel = "warning"
control_socket_disable = True


def post_fork(_: Arbiter, worker: Worker) -> None:
    """A worker whose master was killed would hold on to the port."""
    die_with(worker.ppid)
