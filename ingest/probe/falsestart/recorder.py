"""The bounded queue between the host and the sender: numbers events, and counts what it drops."""

import threading
from collections import deque
from itertools import count
from typing import Any

CAPACITY = 10_000  # events about sockets and requests that wait for the sender at most
RESERVE = 1_000  # further events kept free for phases, checks and the boot itself

Event = dict[str, Any]


class Recorder:
    """Events of one boot. Safe from any thread; nothing is done under the lock but moving references."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        """`capacity`: events."""
        self._capacity = capacity
        # A signal handler may record while the thread that it interrupts is in here.
        self._lock = threading.RLock()
        self._queue: deque[Event] = deque()
        self._numbers = count(1)
        self._in_flight = 0
        self.dropped = 0

    def add(self, event: Event, *, vital: bool = False) -> bool:
        """Number an event and queue it, or count it as dropped. A `vital` one may use the reserve."""
        limit = self._capacity + RESERVE if vital else self._capacity
        with self._lock:
            if len(self._queue) >= limit:
                self.dropped += 1
                return False
            # A dropped event takes no number: the count in `alive` tells of it, not a gap.
            event["seq"] = next(self._numbers)
            self._queue.append(event)
            return True

    def miss(self) -> None:
        """Count an event that is not even queued."""
        with self._lock:
            self.dropped += 1

    def take(self, limit: int) -> list[Event]:
        """Take at most `limit` events, oldest first; they stay pending until `settle` is called."""
        with self._lock:
            count = min(limit, len(self._queue))
            self._in_flight += count
            return [self._queue.popleft() for _ in range(count)]

    def settle(self, *, delivered: int = 0, lost: int = 0) -> None:
        """Say what became of taken events."""
        with self._lock:
            self._in_flight -= delivered + lost
            self.dropped += lost

    @property
    def waiting(self) -> int:
        """Events in the queue."""
        return len(self._queue)

    @property
    def pending(self) -> int:
        """Events that the server has not acknowledged yet."""
        with self._lock:
            return len(self._queue) + self._in_flight
