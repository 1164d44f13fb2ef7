"""Which process life this is: its id, its parent, and the clock on which its ages count."""

import os
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

STAT = Path("/proc/self/stat")
START_TIME_FIELD = 22  # proc(5): clock ticks after the system's boot, counted from 1
IMPORTED = time.monotonic()  # seconds; the earliest moment known where the system does not tell

_forked_at: float | None = None  # monotonic seconds of the fork that made this process, where it was seen


def note_fork() -> None:
    """This process has been forked just now."""
    global _forked_at  # noqa: PLW0603 - a fact of the process
    _forked_at = time.monotonic()


@dataclass(frozen=True, kw_only=True, slots=True)
class Boot:
    """One process life, from process start (fork, for a forked worker) to exit."""

    id: str
    """32 hex digits that sort by time."""
    parent: str | None
    """Boot id of the process that forked this one, where that had a probe."""
    zero: float
    """`time.monotonic()` at process start, in seconds."""
    started_at: str
    """Wall time of the start, RFC 3339 in UTC; for the eye only."""
    pid: int

    def age(self) -> float:
        """Seconds since process start, monotonic."""
        return time.monotonic() - self.zero


def begin() -> Boot:
    """The boot of this process, counted from its start."""
    return _boot(zero=_process_start() if _forked_at is None else _forked_at, parent=None)


def forked(parent: Boot) -> Boot:
    """The boot of a process that was forked just now."""
    return _boot(zero=time.monotonic(), parent=parent.id)


def new_id(now_ms: int | None = None) -> str:
    """48 bits of milliseconds, then random bits, with the version and variant bits of a UUID 7."""
    stamp = (time.time_ns() // 1_000_000 if now_ms is None else now_ms) & ((1 << 48) - 1)
    value = stamp << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return f"{value:032x}"


def rfc3339(moment: datetime) -> str:
    """A UTC moment with milliseconds and `Z`."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _boot(*, zero: float, parent: str | None) -> Boot:
    started = datetime.now(UTC) - timedelta(seconds=time.monotonic() - zero)
    return Boot(id=new_id(), parent=parent, zero=zero, started_at=rfc3339(started), pid=os.getpid())


def _process_start() -> float:
    try:
        ticks = start_ticks(STAT.read_text())
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError, AttributeError):
        return IMPORTED
    # Some sandboxes answer 0, or a time before the machine's: then the import is the better guess.
    return time.monotonic() - age if ticks > 0 and age >= 0 else IMPORTED


def start_ticks(stat: str) -> int:
    """Field 22 of /proc/self/stat. The second field is the command, which may hold spaces and brackets."""
    after_command = stat.rpartition(")")[2].split()
    return int(after_command[START_TIME_FIELD - 3])
