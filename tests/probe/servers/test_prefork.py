"""Workers that were forked from a preloaded application: each is a boot of its own."""

import asyncio

import pytest

from tests.probe.collector import Collector
from tests.probe.servers.cells import named, new_id
from tests.probe.servers.run import serve
from tests.probe.servers.wire import Wire

WORKERS = 2
TURNS = frozenset({"boot.ready", "boot.failed", "boot.exited"})


async def speak(port: int) -> None:
    async with Wire(port, named("/echo", new_id())) as wire:
        wire.say("hello")
        assert await wire.hears() == "hello"
        wire.close(1000)
        assert await wire.end() == "1000"


@pytest.mark.integration
async def test_workers_of_a_preloaded_application_name_their_parent_and_report_for_themselves(
    collector: Collector,
) -> None:
    with serve("gunicorn --preload", collector, "--workers", str(WORKERS)) as server:
        await asyncio.to_thread(collector.wait_for, "boot.listening", WORKERS, age=0.0, port=server.port)
        await asyncio.gather(*(speak(server.port) for _ in range(10)))
        await asyncio.to_thread(collector.wait_for, "socket.ended", 10, code=1000, origin="peer")
        await asyncio.to_thread(server.terminate)
    parents = {post.batch["boot"]["id"]: post.batch["boot"]["parent"] for post in collector.posts}
    (master,) = [boot for boot, parent in parents.items() if parent is None]
    assert sorted(parent for parent in parents.values() if parent) == [master] * WORKERS
    assert [kind for kind in collector.boots()[master] if kind.startswith("socket.")] == []
    # Its workers keep the contract; the master is ready once they are there, and ends in order.
    told = [boot for post in collector.posts if (boot := post.batch["boot"])["id"] == master]
    turns = [kind for kind in collector.boots()[master] if kind in TURNS]
    assert (turns, told[-1]["contract"]) == (["boot.ready", "boot.exited"], None)
    kept = [boot["contract"]["gate"] for post in collector.posts if (boot := post.batch["boot"])["parent"]]
    assert set(kept) == {"services"}
    assert [event for event in collector.events("boot.ready") if event["age"] < 0] == []
