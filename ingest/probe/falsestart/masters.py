"""A pre-fork server's master that loads the application for its workers: it serves nothing itself."""

import sys

ARBITER = "gunicorn.arbiter"
SPAWNS = "spawn_worker"  # its function that forks, and that stays at the bottom of every worker's stack


def preloads() -> bool:
    """Whether the caller is run by gunicorn's master itself, as with `--preload`, and not by a worker."""
    names = _of_arbiter()
    return bool(names) and SPAWNS not in names


def spawns() -> bool:
    """Whether gunicorn's master is forking a worker just now, or the caller is one."""
    return SPAWNS in _of_arbiter()


def _of_arbiter() -> set[str]:
    """Names of the arbiter's functions in this stack; one look in the life of a process, or of a fork."""
    names: set[str] = set()
    frame = sys._getframe() if ARBITER in sys.modules else None  # noqa: SLF001 - documented for CPython
    while frame is not None:
        if frame.f_globals.get("__name__") == ARBITER:
            names.add(frame.f_code.co_name)
        frame = frame.f_back
    return names
