"""Processes that never see ASGI, or no lifespan: they mark phases, and end at SIGTERM."""

import asyncio
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery
from websockets.asyncio.client import connect

from tests.probe.collector import Collector
from tests.probe.processes import Server, free_port

pytestmark = pytest.mark.integration

WORKER = (
    "celery",
    "--app",
    "tests.probe.celery_service",
    "worker",
    "--loglevel",
    "error",
    "--without-gossip",
)
STORY = ["phase.started", "phase.finished"] * 2 + ["boot.ready"]


@pytest.fixture
def caller(redis_url: str) -> Iterator[Celery]:
    """Sends tasks by name, and waits for results."""
    with Celery("caller", broker=redis_url, backend=redis_url) as app:
        yield app


def start(collector: Collector, broker: str, *arguments: str) -> Server:
    target = {"FALSESTART_ENDPOINT": collector.url, "FALSESTART_KEY": "fs_test", "BROKER": broker}
    return Server(*WORKER, *arguments, port=0, **target)


def ask(caller: Celery, number: int) -> Any:
    return caller.send_task("tests.probe.celery_service.double", [number]).get(timeout=60.0)


def stories(collector: Collector) -> dict[str, tuple[str | None, list[str]]]:
    """Parent and kinds of events by boot, without the signs of life."""
    parents = {post.batch["boot"]["id"]: post.batch["boot"]["parent"] for post in collector.posts}
    return {
        boot: (parents[boot], [kind for kind in kinds if kind != "alive"])
        for boot, kinds in collector.boots().items()
    }


def test_a_worker_with_threads_is_one_boot_that_ends_at_sigterm(
    collector: Collector, redis_url: str, caller: Celery
) -> None:
    with start(collector, redis_url, "--pool", "threads", "--concurrency", "1") as worker:
        collector.wait_for("boot.ready")
        assert ask(caller, 21) == 42
        assert worker.terminate() == 0
    (story,) = stories(collector).values()
    assert story == (None, [*STORY, "boot.exited"])


def test_a_worker_that_forks_is_a_boot_of_its_own_with_the_phases_of_its_parent(
    collector: Collector, redis_url: str, caller: Celery
) -> None:
    with start(collector, redis_url, "--pool", "prefork", "--concurrency", "1") as worker:
        collector.wait_for("boot.ready", 2)
        assert ask(caller, 21) == 42
        assert worker.terminate() == 0
    told = stories(collector)
    (main,) = [boot for boot, (parent, _) in told.items() if parent is None]
    assert told.pop(main)[1] == [*STORY, "boot.exited"]
    # The phase that ran at the fork is the parent's: the child has the one that had ended, and its own.
    assert [story for _, story in told.values()] == [STORY]
    assert {parent for parent, _ in told.values()} == {main}
    ages = [event["age"] for event in collector.events("phase.finished") if event["phase"] == "database"]
    assert sorted(age < 0 for age in ages) == [False, True]


async def test_daphne_has_no_lifespan_and_is_told_by_its_first_request(collector: Collector) -> None:
    port = free_port()
    target = {"FALSESTART_ENDPOINT": collector.url, "FALSESTART_KEY": "fs_test"}
    command = ("daphne", "-p", str(port), "tests.probe.phased_service:app")
    with Server(*command, port=port, **target) as server:
        await asyncio.to_thread(server.wait_until_it_listens)
        async with connect(f"{server.url}/echo") as client:
            await client.send("hello")
            assert await client.recv() == "hello"
        await asyncio.to_thread(collector.wait_for, "socket.ended", code=1000)
        server.process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(server.process.wait, 60.0)
    (story,) = stories(collector).values()
    assert story == (
        None,
        [*STORY, "boot.listening", "socket.opened", "socket.ended", "boot.exited"],
    )
