"""Telling the workers what to correlate: a hint, coalesced, never waited for, never retried.

The row's `due_at` is the promise; what is lost here the sweep finds.
"""

import logging
import threading
import time
from collections.abc import Iterable

from celery import current_app

CORRELATE = "ingest.correlate"
CORRELATE_ENVIRONMENTS = "ingest.correlate_environments"
EXPIRES = 30  # s; an older hint has been overtaken by the sweep
PAUSE = 0.02  # s between hints; what is stored meanwhile is told, and correlated, together

log = logging.getLogger(__name__)


class Publisher:
    """Sends task messages from a thread of its own."""

    def __init__(self) -> None:
        """Start nothing yet: the thread starts with the first hint."""
        self.failures = 0  # Hints that could not be sent; the sweep made up for them.
        self._due: dict[str, set[int]] = {CORRELATE: set(), CORRELATE_ENVIRONMENTS: set()}
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None

    def publish(self, boots: Iterable[int], environments: Iterable[int] = ()) -> None:
        """Hint that these boots and environments are due."""
        with self._wake:
            self._due[CORRELATE].update(boots)
            self._due[CORRELATE_ENVIRONMENTS].update(environments)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
                self._thread.start()
            self._wake.notify()

    def _run(self) -> None:
        while True:
            for task, due in self._take().items():
                if due:
                    self._send(task, sorted(due))
            time.sleep(PAUSE)

    def _take(self) -> dict[str, set[int]]:
        with self._wake:
            self._wake.wait_for(lambda: any(self._due.values()))
            taken, self._due = self._due, {task: set() for task in self._due}
            return taken

    def _send(self, task: str, due: list[int]) -> None:
        try:
            current_app.send_task(task, args=[due], retry=False, expires=EXPIRES)
        except Exception as error:  # noqa: BLE001 - whatever the broker's client raises, the row is due
            self.failures += 1
            log.warning("Could not tell the workers (%s); the sweep will find it", type(error).__name__)
