"""Ports that were open before this process began: a pre-fork server binds first and forks then."""

import os
import socket
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

FIRST_DESCRIPTOR = 3  # below are the standard streams
LAST_DESCRIPTOR = 256  # a process that begins has few; do not walk through thousands


_opened: tuple[int, float] | None = None  # port, and when, as a hook of the server told it


def opened(port: int, at: float) -> None:
    """A server's hook knows that the port was opened `at` seconds, by the monotonic clock; 0 for no port."""
    global _opened  # noqa: PLW0603 - a fact of the process, which its forks inherit
    _opened = port, at


def forget() -> None:
    """A server's hook knows that what it told before is not about this process."""
    global _opened  # noqa: PLW0603 - as above
    _opened = None


def before(zero: float) -> tuple[float, int | None] | None:
    """Age and port of what was open before a boot that began at `zero`, by the monotonic clock; else None."""
    if _opened is not None:
        port, at = _opened
        return at - zero, port or None
    found = inherited()
    # Nobody told how long before: the exposure began at the latest with the boot's first moment.
    return None if found is None else (0.0, found or None)


def inherited() -> int | None:
    """Port of a listening socket that a pre-fork server handed down; 0 for one without a port, else None."""
    if not _is_preforked():
        # Anyone else's listening socket may be a metrics or debugger port of this very process.
        return None
    return next(_listening(), None)


def _is_preforked() -> bool:
    return "gunicorn.arbiter" in sys.modules or os.environ.get("LISTEN_PID") == str(os.getpid())


def _listening() -> Iterator[int]:
    for descriptor in sorted(int(entry.name) for entry in Path("/proc/self/fd").iterdir()):
        if FIRST_DESCRIPTOR <= descriptor <= LAST_DESCRIPTOR:
            port = _port(descriptor)
            if port is not None:
                yield port


def _port(descriptor: int) -> int | None:
    try:
        if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            return None
        with socket.socket(fileno=os.dup(descriptor)) as copy:
            if not copy.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                return None
            name = copy.getsockname()
    except OSError:
        return None
    return int(name[1]) if isinstance(name, tuple) else 0
