"""The one thread that talks to the server."""

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from falsestart.envelope import Batch
from falsestart.guard import say_once, trouble
from falsestart.recorder import Event, Recorder
from falsestart.transport import Answer

BATCH_EVENTS = 1_000  # events a batch at most
FIRST_RETRY = 0.25  # seconds
LAST_RETRY = 30.0  # seconds
HURRIED_RETRY = 0.25  # seconds between attempts while somebody waits in `flush`
IDLE_LIMIT = 10.0  # seconds the thread sleeps at most


class Sender:
    """Takes events from a recorder and posts them until the server has them."""

    def __init__(
        self,
        recorder: Recorder,
        *,
        build: Callable[[Sequence[Event]], Batch],
        post: Callable[[Batch], Answer],
        tick: Callable[[], float],
        linger: Callable[[], float],
    ) -> None:
        """`tick` does what is due and returns seconds until it must run again; `linger` is the batch time."""
        self._recorder = recorder
        self._build = build
        self._post = post
        self._tick = tick
        self._linger = linger
        self._changed = threading.Condition()
        self._busy = threading.Lock()
        self._thread: threading.Thread | None = None
        self._backlog: deque[Batch] = deque()
        self._not_before = 0.0
        self._asked_to_wait = False
        self._failures = 0
        self._hurry_until = 0.0
        self._kicked = False
        self._stopped = False

    def kick(self) -> None:
        """Something was recorded: make sure that the thread runs and looks."""
        if self._kicked or self._stopped:
            return
        self._kicked = True
        with self._changed:
            self._ensure_thread()
            self._changed.notify_all()

    def flush(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds until nothing is pending; True when nothing is."""
        now = time.monotonic()
        deadline = now + timeout
        with self._changed:
            self._hurry_until = max(self._hurry_until, deadline)
            if not self._asked_to_wait:
                self._not_before = min(self._not_before, now)
            running = self._ensure_thread()
            self._changed.notify_all()
            while running and self._recorder.pending and (left := deadline - time.monotonic()) > 0:
                self._changed.wait(left)
        if not running and not self._stopped:
            self._drain_here(deadline)
        return self._recorder.pending == 0

    def stop(self) -> None:
        """End the thread after the attempt that it is in."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def _ensure_thread(self) -> bool:
        if self._stopped:
            return False
        if self._thread is not None and self._thread.is_alive():
            return True
        self._thread = threading.Thread(target=self._run, name="falsestart", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:
            # No new thread while the interpreter shuts down: `flush` then sends by itself.
            self._thread = None
            return False
        return True

    def _run(self) -> None:
        while not self._stopped:
            try:
                self._rest(self._tick())
                self._step()
            except Exception as error:  # noqa: BLE001 - the thread must outlive every fault
                trouble("Sender", error)
                time.sleep(1.0)

    def _rest(self, until_tick: float) -> None:
        """Sleep until there is something to send and it is time to send it."""
        tick_at = time.monotonic() + min(until_tick, IDLE_LIMIT)
        first_seen: float | None = None
        with self._changed:
            while not self._stopped:
                now = time.monotonic()
                if first_seen is None and (self._recorder.waiting or self._backlog):
                    first_seen = now
                wake_at = min(tick_at, self._due(first_seen, now))
                if wake_at <= now:
                    return
                # With a batch on its way the clock wakes us: recording stays free of notifications.
                if first_seen is None:
                    self._kicked = False
                    # What was recorded before that line found the flag up and did not notify.
                    if self._recorder.waiting:
                        continue
                self._changed.wait(wake_at - now)

    def _due(self, first_seen: float | None, now: float) -> float:
        if first_seen is None:
            return now + IDLE_LIMIT
        if now < self._hurry_until:
            return self._not_before
        full = self._recorder.waiting >= BATCH_EVENTS
        return max(self._not_before, now if full else first_seen + self._linger())

    def hold(self, timeout: float) -> bool:
        """Keep the thread out of encoding and network for a fork; False when it is still in there."""
        return self._busy.acquire(timeout=timeout)

    def release(self) -> None:
        """Let the thread go on after `hold` has returned True."""
        self._busy.release()

    def _step(self) -> None:
        if time.monotonic() < self._not_before:
            return
        with self._busy:
            if not self._backlog and (events := self._recorder.take(BATCH_EVENTS)):
                self._backlog.append(self._build(events))
            if self._backlog:
                self._settle(self._backlog[0], self._post(self._backlog[0]))
        with self._changed:
            self._changed.notify_all()

    def _drain_here(self, deadline: float) -> None:
        self._tick()
        while self._recorder.pending and time.monotonic() < deadline:
            pause = min(self._not_before, deadline) - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            self._step()

    def _settle(self, batch: Batch, answer: Answer) -> None:
        if answer.verdict == "retry":
            self._back_off(answer)
            return
        self._failures = 0
        self._not_before = 0.0
        self._asked_to_wait = False
        self._backlog.popleft()
        if answer.verdict == "split" and len(batch.events) > 1:
            middle = len(batch.events) // 2
            self._backlog.extendleft([self._build(batch.events[middle:]), self._build(batch.events[:middle])])
            return
        self._count(batch, answer)

    def _count(self, batch: Batch, answer: Answer) -> None:
        size = len(batch.events)
        if answer.verdict == "accepted":
            lost = min(size, answer.rejected + batch.unfit)
            if lost:
                say_once("rejected", "the server rejected %d events of a batch: %s", lost, answer.detail)
            self._recorder.settle(delivered=size - lost, lost=lost)
            return
        say_once(
            f"refused:{answer.status}",
            "the server refused a batch with HTTP %s: its %d events are dropped, and counted. %s",
            answer.status,
            size,
            answer.detail or "`python -m falsestart check` may say why",
        )
        self._recorder.settle(lost=size)

    def _back_off(self, answer: Answer) -> None:
        self._failures += 1
        say_once(
            "retry",
            "cannot reach the server (%s), will keep trying: %s",
            answer.status or "no answer",
            answer.detail or "it asked to come back later",
        )
        now = time.monotonic()
        self._asked_to_wait = answer.retry_after is not None
        if answer.retry_after is not None:
            self._not_before = now + answer.retry_after
            return
        ceiling = min(LAST_RETRY, FIRST_RETRY * 2 ** min(self._failures, 16))
        # Jitter over the upper half: many instances must not come back in one wave.
        pause = ceiling * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing
        self._not_before = now + (min(pause, HURRIED_RETRY) if now < self._hurry_until else pause)
