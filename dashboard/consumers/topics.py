"""One page for all who watch it in this process: read once for everybody, at most four times a second."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from django.db import close_old_connections
from django.urls import get_script_prefix, set_script_prefix
from django.utils import timezone

from dashboard.consumers import frames
from dashboard.pages.page import Page, Source

FRAME_INTERVAL = 0.25  # s, at least, between two frames
LOAD_SHARE = 1  # times what a reading took, at least, before the next: a heavy page is read less often
MARK_INTERVAL = 5.0  # s between two marks

Send = Callable[[str], Awaitable[None]]
Answer = TypeVar("Answer")
logger = logging.getLogger(__name__)


class Topic:
    """A page and those who watch it."""

    def __init__(
        self, source: Source, *, interval: float = FRAME_INTERVAL, mark_interval: float = MARK_INTERVAL
    ) -> None:
        """Watch `source`; both intervals in seconds."""
        self.source = source
        self.viewers: set[Send] = set()
        self._interval = interval
        self._mark_interval = mark_interval
        self._page: Page | None = None
        self._dirty = asyncio.Event()
        self._reading = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def join(self, send: Send) -> bool:
        """Send a viewer the page as it stands, then every change; False where there is no such page."""
        if not await self.show(send):
            return False
        self.viewers.add(send)
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        return True

    def leave(self, send: Send) -> bool:
        """Forget a viewer; True if nobody is left."""
        self.viewers.discard(send)
        if not self.viewers and self._task:
            self._task.cancel()
            self._task = None
        return not self.viewers

    def touch(self) -> None:
        """Say that something changed; hints that come faster than frames fall together."""
        self._dirty.set()

    async def show(self, send: Send) -> bool:
        """Read the page, and send it whole to one viewer and as a delta to the others."""
        async with self._reading:
            page = await self._read()
            if page:
                await send(frames.encoded(frames.snapshot(page)))
            return page is not None

    async def _run(self) -> None:
        clock = asyncio.get_running_loop().time
        due = clock() + self._mark_interval
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._dirty.wait()
            began = clock()
            try:
                if clock() >= due:
                    due = clock() + self._mark_interval
                    await self._compare()
                if self._dirty.is_set():
                    self._dirty.clear()
                    async with self._reading:
                        await self._read()
            except Exception:
                # Without a mark the viewers' pages say that they are stale, which is the truth.
                logger.exception("A live page could not be read")
            await asyncio.sleep(max(self._interval, LOAD_SHARE * (clock() - began)))

    async def _compare(self) -> None:
        """Tell everybody the high mark, and catch up first if a hint was lost."""
        mark = await _in_thread(self.source.mark)
        if self._page is None or mark > self._page.mark:
            self._dirty.clear()
            async with self._reading:
                await self._read()
        await self._tell(frames.encoded(frames.mark(mark, timezone.now().isoformat())))

    async def _read(self) -> Page | None:
        page = await _in_thread(lambda: self.source.load(timezone.now()))
        old, self._page = self._page, page or self._page
        if old and page and (frame := frames.delta(old, page)):
            await self._tell(frames.encoded(frame))
        return page

    async def _tell(self, text: str) -> None:
        for send in tuple(self.viewers):
            try:
                await send(text)
            except Exception as error:  # noqa: BLE001 - one viewer's broken connection is not the others'
                logger.info("A viewer is gone: %s", error)
                self.viewers.discard(send)


class Topics:
    """The pages that are being watched."""

    def __init__(self) -> None:
        """Start with none."""
        self._topics: dict[Source, Topic] = {}

    def of(self, source: Source) -> Topic:
        """Return the page's topic."""
        return self._topics.setdefault(source, Topic(source))

    def leave(self, source: Source, send: Send) -> None:
        """Forget a viewer, and the topic with the last one."""
        topic = self._topics.get(source)
        if topic and topic.leave(send):
            del self._topics[source]


async def _in_thread(call: Callable[[], Answer]) -> Answer:
    # In any thread: pages must not queue behind one another in the one that Channels keeps for the database.
    return await asyncio.to_thread(_connected, call, get_script_prefix())


def _connected(call: Callable[[], Answer], prefix: str) -> Answer:
    # A thread does not see what links begin with where they were asked for.
    set_script_prefix(prefix)
    close_old_connections()
    try:
        return call()
    finally:
        close_old_connections()
