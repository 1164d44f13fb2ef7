"""One page for all who watch it: coalescing, marks, and viewers that come and go."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse, set_script_prefix

from dashboard.consumers.topics import Topic, Topics
from dashboard.pages.page import Page
from tests.dashboard.builder import NOW

DEADLINE = 5.0  # s
INTERVAL = 0.02  # s between two frames in these tests


@dataclass(eq=False)
class Counter:
    """A page that counts how often it is read."""

    number: int = 1
    loads: list[int] = field(default_factory=list)
    broken: bool = False
    failures: int = 0
    template: str = "none.html"
    group: str = "fleet"

    def load(self, now: datetime) -> Page | None:  # noqa: ARG002 - the interface
        if self.broken:
            self.failures += 1
            raise OSError
        self.loads.append(self.number)
        if self.number < 0:
            return None
        regions = {"title": str(self.number)}
        return Page(title="", summary="", mark=self.number, at=NOW, regions=regions)

    def mark(self) -> int:
        return self.number


class Viewer:
    """Somebody who watches."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []

    async def send(self, text: str) -> None:
        self.frames.append(json.loads(text))

    def kinds(self) -> list[str]:
        return [frame["type"] for frame in self.frames]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE):
        while not condition():  # noqa: ASYNC110 - the condition is a test's, it tells nobody
            await asyncio.sleep(0.001)


def topic_of(source: Counter, mark_interval: float = 60.0) -> Topic:
    return Topic(source, interval=INTERVAL, mark_interval=mark_interval)


async def test_a_viewer_gets_the_page_whole_at_first() -> None:
    viewer, topic = Viewer(), topic_of(Counter())
    assert await topic.join(viewer.send)
    topic.leave(viewer.send)
    assert viewer.kinds() == ["snapshot"]


async def test_a_hint_brings_what_changed() -> None:
    viewer, source = Viewer(), Counter()
    topic = topic_of(source)
    await topic.join(viewer.send)
    source.number = 2
    topic.touch()
    await until(lambda: len(viewer.frames) == 2)
    topic.leave(viewer.send)
    assert (viewer.kinds(), viewer.frames[1]["regions"]) == (["snapshot", "delta"], {"title": "2"})


async def test_a_hundred_hints_are_read_once() -> None:
    viewer, source = Viewer(), Counter()
    topic = topic_of(source)
    await topic.join(viewer.send)
    source.number = 2
    for _ in range(100):
        topic.touch()
    await until(lambda: len(viewer.frames) == 2)
    topic.leave(viewer.send)
    assert source.loads == [1, 2]


async def test_a_page_is_read_once_for_all_its_viewers() -> None:
    viewers, source = [Viewer() for _ in range(20)], Counter()
    topic = topic_of(source)
    for viewer in viewers:
        await topic.join(viewer.send)
    source.number = 2
    topic.touch()
    await until(lambda: all(viewer.kinds()[-1] == "delta" for viewer in viewers))
    for viewer in viewers:
        topic.leave(viewer.send)
    assert source.loads.count(2) == 1


async def test_a_lost_hint_is_made_up_for_by_the_mark() -> None:
    viewer, source = Viewer(), Counter()
    topic = topic_of(source, mark_interval=0.05)
    await topic.join(viewer.send)
    source.number = 2
    await until(lambda: "mark" in viewer.kinds())
    topic.leave(viewer.send)
    assert (viewer.kinds()[:3], viewer.frames[2]["mark"]) == (["snapshot", "delta", "mark"], 2)


async def test_a_page_that_cannot_be_read_sends_no_mark_and_recovers() -> None:
    viewer, source = Viewer(), Counter()
    topic = topic_of(source)
    await topic.join(viewer.send)
    source.broken = True
    topic.touch()
    await until(lambda: source.failures > 0)
    source.number, source.broken = 3, False
    topic.touch()
    await until(lambda: viewer.frames[-1]["mark"] == 3)
    topic.leave(viewer.send)
    assert "mark" not in viewer.kinds()


async def test_one_broken_viewer_does_not_silence_the_others() -> None:
    async def broken(text: str) -> None:
        if json.loads(text)["type"] != "snapshot":
            raise OSError

    viewer, source = Viewer(), Counter()
    topic = topic_of(source)
    await topic.join(broken)
    await topic.join(viewer.send)
    source.number = 2
    topic.touch()
    await until(lambda: viewer.kinds()[-1] == "delta")
    assert topic.viewers == {viewer.send}
    topic.leave(viewer.send)


async def test_a_page_that_does_not_exist_is_not_joined() -> None:
    viewer = Viewer()
    assert not await topic_of(Counter(number=-1)).join(viewer.send)


async def test_a_topic_ends_with_its_last_viewer() -> None:
    topics, source, viewer = Topics(), Counter(), Viewer()
    first = topics.of(source)
    await first.join(viewer.send)
    topics.leave(source, viewer.send)
    assert topics.of(source) is not first


@dataclass(eq=False)
class Linked(Counter):
    """A page that holds a link."""

    def load(self, now: datetime) -> Page | None:  # noqa: ARG002 - the interface
        return Page(title="", summary="", mark=1, at=NOW, regions={"title": reverse("fleet")})


async def test_links_begin_where_the_viewer_is() -> None:
    viewer = Viewer()
    set_script_prefix("/falsestart/")
    await Topic(Linked()).show(viewer.send)
    set_script_prefix("/")
    assert viewer.frames[0]["regions"] == {"title": "/falsestart/"}
