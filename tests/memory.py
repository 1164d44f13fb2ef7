"""How much memory processes hold, as the kernel counts it."""

import re
from dataclasses import dataclass
from pathlib import Path

LIMIT = 500_000_000  # bytes that the embedded product may hold at rest, every process counted whole
FIELD = re.compile(r"^(Rss|Pss):\s+(\d+) kB$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Memory:
    """What some processes hold together, in bytes."""

    processes: int
    rss: int  # Each process with all that it shares.
    pss: int  # What is shared, divided among those who share it.


def resident(*pids: int) -> Memory:
    """What these processes hold now."""
    found = [dict(FIELD.findall(Path(f"/proc/{pid}/smaps_rollup").read_text())) for pid in pids]
    rss, pss = (sum(int(one[name]) * 1024 for one in found) for name in ("Rss", "Pss"))
    return Memory(processes=len(found), rss=rss, pss=pss)
