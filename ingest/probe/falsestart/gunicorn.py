"""gunicorn's hooks: `-c python:falsestart.gunicorn`, or imported into a configuration of your own.

gunicorn opens its port before a worker exists. `when_ready` notes when that was, and `post_fork` lets a
worker begin with it: its `listening` then has its true age, from before the worker's own start.
"""

import time
from typing import Any

from falsestart import listeners, probe
from falsestart.guard import guarded

_bound: tuple[int, float] | None = None  # the master's port, and when it was opened, by the monotonic clock


@guarded
def when_ready(server: Any) -> None:  # noqa: ANN401 - gunicorn's arbiter, which is not imported here
    """The port has just been opened."""
    global _bound  # noqa: PLW0603 - a fact of the master, which its workers inherit
    port = _port_of(server.LISTENERS)
    if port is not None:
        _bound = port, time.monotonic()
        # An application that was preloaded has its probe here already.
        probe.tell_listening(port or None)


@guarded
def post_fork(server: Any, worker: Any) -> None:  # noqa: ANN401 - gunicorn's arbiter and worker
    """A worker has been forked just now."""
    # One that takes another's place was not awaited by what had arrived before it: others served the port.
    if _bound is not None and worker.age <= server.cfg.workers:
        listeners.opened(*_bound)
    probe.begin_all()


def _port_of(sockets: Any) -> int | None:  # noqa: ANN401 - gunicorn's own sockets
    """The first port; 0 for a socket without one, None where nothing was opened (SO_REUSEPORT)."""
    names = [each.getsockname() for each in sockets]
    if not names:
        return None
    return next((int(name[1]) for name in names if isinstance(name, tuple)), 0)
