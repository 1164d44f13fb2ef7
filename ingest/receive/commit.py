"""Group commit: one thread writes, and what arrives meanwhile shares the next transaction."""

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from ingest.store.incoming import Incoming
from ingest.store.save import Result, save_group

GROUP_EVENTS = 5_000  # in one transaction, or the first of a group waits for too many others
BACKLOG_EVENTS = 50_000  # waiting; beyond it a sender is told to slow down
LARGE = 1024  # characters; an event counts once more for each

Waiting = tuple[Incoming, "Future[Result]"]
Save = Callable[[Sequence[Incoming]], list[Result]]


class Committer:
    """Takes batches from any thread and stores them in groups, in the order in which they came."""

    def __init__(self, save: Save = save_group) -> None:
        """Start nothing yet: the thread starts with the first batch, after any fork."""
        self._save = save
        self._queue: queue.SimpleQueue[Waiting] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._backlog = 0

    @property
    def full(self) -> bool:
        """Tell whether more waits than should."""
        return self._backlog > BACKLOG_EVENTS

    def submit(self, incoming: Incoming) -> "Future[Result]":
        """Return a future that is done once the batch is durably stored, or known not to be."""
        future: Future[Result] = Future()
        # From here on nobody can cancel it: a sender that goes away must not take the thread along.
        future.set_running_or_notify_cancel()
        with self._lock:
            self._backlog += _size(incoming)
            self._queue.put((incoming, future))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="committer", daemon=True)
                self._thread.start()
        return future

    def _run(self) -> None:
        while True:
            group = self._next_group()
            results = self._store([incoming for incoming, _ in group])
            with self._lock:
                self._backlog -= sum(_size(incoming) for incoming, _ in group)
            for (_, future), result in zip(group, results, strict=True):
                future.set_result(result)

    def _store(self, group: Sequence[Incoming]) -> list[Result]:
        try:
            return self._save(group)
        except Exception as error:  # noqa: BLE001 - the thread must outlive any batch
            return [error for _ in group]

    def _next_group(self) -> list[Waiting]:
        group = [self._queue.get()]
        events = _size(group[0][0])
        while events < GROUP_EVENTS:
            try:
                group.append(self._queue.get_nowait())
            except queue.Empty:
                break
            events += _size(group[-1][0])
        return group


def _size(incoming: Incoming) -> int:
    return 1 + sum(1 + len(item.body) // LARGE for item in incoming.batch.items)
