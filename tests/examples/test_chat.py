"""The example's releases as real processes, and what their probes tell a real HTTP server."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from examples.chat.crowd import FINE, NO_PORT, visit
from examples.chat.fleet import PROBE, Instance, launch

from tests.examples.collector import KEY, Collector

pytestmark = pytest.mark.integration

ROLLOUT = PROBE / "examples" / "chat" / "rollout.py"
QUICK = {f"{phase}_LATENCY": "0.1" for phase in ("INIT", "DEPENDENCIES", "DATABASE", "CACHE", "WEBSOCKET")}
LIMIT = 20.0  # s for anything that must happen at all
STOP_LIMIT = 8.0  # s for everything to be gone after SIGTERM


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as collector:
        yield collector


@asynccontextmanager
async def running(release: str, collector: Collector, **latencies: str) -> AsyncIterator[Instance]:
    instance = launch(release, collector.environment | QUICK | latencies)
    try:
        yield instance
    finally:
        await instance.stop()


async def visit_until(instance: Instance, *wanted: str) -> list[str]:
    """Visit again and again, as clients do, until an outcome is one of the wanted; return all outcomes."""
    outcomes: list[str] = []
    async with asyncio.timeout(LIMIT):
        while not outcomes or outcomes[-1] not in wanted:
            outcomes.append(await visit(f"ws://127.0.0.1:{instance.port}/ws/chat", "test"))
    return outcomes


async def test_r1_never_closes_an_early_socket_with_an_error(collector: Collector) -> None:
    async with running("r1", collector, SERVICES_LATENCY="0.5") as instance:
        outcomes = await visit_until(instance, FINE)
        gate = await asyncio.to_thread(collector.wait_for, "phase.finished", phase="services", status="ok")
        opened = await asyncio.to_thread(collector.wait_for, "socket.opened")
    assert set(outcomes) == {NO_PORT, FINE}
    assert opened["age"] > gate["age"]
    assert [event["code"] for event in collector.events("socket.ended") if event["origin"] != "peer"] == []


async def test_r2_closes_an_early_socket_with_1011_and_its_probe_tells(collector: Collector) -> None:
    async with running("r2", collector, SERVICES_LATENCY="1.0") as instance:
        outcomes = await visit_until(instance, "1011 Service startup incomplete")
        outcomes += await visit_until(instance, FINE)
        gate = await asyncio.to_thread(collector.wait_for, "phase.finished", phase="services", status="ok")
        ended = await asyncio.to_thread(collector.wait_for, "socket.ended", code=1011)
    assert set(outcomes) <= {NO_PORT, "1011 Service startup incomplete", FINE}
    assert ended["reason"] == "Service startup incomplete"
    assert ended["path"] == "/ws/chat"
    assert ended["opened_age"] < gate["age"]


async def test_the_readiness_check_of_r2_does_not_wait_its_budget(collector: Collector) -> None:
    async with running("r2", collector) as instance:
        await visit_until(instance, "1011 Service startup incomplete")
        check = await asyncio.to_thread(collector.wait_for, "check.finished", check="readiness", ok=False)
    assert check["budget"] == 2.1
    assert check["waited"] < 0.1


async def test_r3_loses_an_early_socket_without_a_close_frame(collector: Collector) -> None:
    async with running("r3", collector) as instance:
        await visit_until(instance, "no close frame")
        ended = await asyncio.to_thread(collector.wait_for, "socket.ended", origin="app_error")
        listening = await asyncio.to_thread(collector.wait_for, "boot.listening")
    assert ended.get("code") is None
    assert ended["exception"] == "AttributeError"
    assert ended["reason"] == "AttributeError: 'State' object has no attribute 'supervisor'"
    assert listening["age"] < ended["opened_age"]


async def test_r4_serves_although_its_database_phase_timed_out(collector: Collector) -> None:
    async with running("r4", collector) as instance:
        outcomes = await visit_until(instance, "1011 Service unavailable")
        async with httpx.AsyncClient(trust_env=False) as client:
            health = await client.get(f"http://127.0.0.1:{instance.port}/health")
        started = await asyncio.to_thread(collector.wait_for, "phase.started", phase="database")
        finished = await asyncio.to_thread(collector.wait_for, "phase.finished", phase="database")
        await asyncio.to_thread(collector.wait_for, "boot.ready")
    assert set(outcomes) == {NO_PORT, "1011 Service unavailable"}
    assert finished["status"] == "timeout"
    assert "Database initialization timeout after 25.0s" in finished["error"]
    assert round(finished["age"] - started["age"]) in (2, 3)
    assert (health.status_code, health.json()) == (200, {"status": "ok", "chat": False})


async def test_r5_refuses_with_1013_before_the_gate_and_works_after_it(collector: Collector) -> None:
    async with running("r5", collector, SERVICES_LATENCY="1.0") as instance:
        outcomes = await visit_until(instance, FINE)
        gate = await asyncio.to_thread(collector.wait_for, "phase.finished", phase="services", status="ok")
        refused = await asyncio.to_thread(collector.wait_for, "socket.ended", code=1013)
    assert set(outcomes) == {NO_PORT, "1013 Starting, try again later", FINE}
    assert refused["opened_age"] < gate["age"]
    assert refused["origin"] == "app_close"


async def test_r6_says_1013_and_daphne_makes_it_1011(collector: Collector) -> None:
    async with running("r6", collector, SERVICES_LATENCY="1.0") as instance:
        outcomes = await visit_until(instance, FINE)
        refused = await asyncio.to_thread(collector.wait_for, "socket.ended", code=1013)
        gate = await asyncio.to_thread(collector.wait_for, "phase.finished", phase="services", status="ok")
    assert set(outcomes) == {NO_PORT, "1011", FINE}
    said, _, fate = refused["reason"].partition("; ")
    assert (refused["origin"], said) == ("app_close", "Starting, try again later")
    assert fate.startswith("not sent: Exception: invalid close code 1013") is True
    assert refused["opened_age"] < gate["age"]


async def test_the_page_names_where_its_reports_go_and_allows_nothing_else(collector: Collector) -> None:
    endpoint = collector.environment["FALSESTART_ENDPOINT"]
    async with running("r1", collector, FALSESTART_CLIENT_KEY='fs_"&<') as instance:
        await visit_until(instance, FINE)
        async with httpx.AsyncClient(trust_env=False, base_url=f"http://127.0.0.1:{instance.port}") as client:
            page, module = await client.get("/"), await client.get("/falsestart.js")
    assert f'data-endpoint="{endpoint}" data-key="fs_&quot;&amp;&lt;" data-release="r1"' in page.text
    assert page.headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; img-src data:;"
        f" connect-src ws://127.0.0.1:{instance.port} {endpoint}"
    )
    assert module.text == (PROBE / "js" / "falsestart.js").read_text()


@contextmanager
def driving(collector: Collector, folder: Path, mark: str) -> Iterator[subprocess.Popen[bytes]]:
    endpoint = collector.environment["FALSESTART_ENDPOINT"]
    options = ["--endpoint", endpoint, "--key", KEY, "--releases", "r3", "--instances", "1"]
    driver = subprocess.Popen(
        [sys.executable, str(ROLLOUT), *options],
        env=os.environ | QUICK | {"SERVICES_LATENCY": "0.5", "CHAT_TEST_MARK": mark, "TMPDIR": str(folder)},
        stdout=subprocess.DEVNULL,
    )
    try:
        yield driver
    finally:
        with suppress(ProcessLookupError):
            driver.kill()
        driver.wait()


def marked(mark: str) -> list[int]:
    """Return the processes that inherited a mark: the driver, its servers, and their workers."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"CHAT_TEST_MARK={mark}\0".encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
    return found


async def until(condition: Callable[[], bool], limit: float) -> None:
    deadline = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.05)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, and relies on PR_SET_PDEATHSIG")
async def test_a_killed_driver_leaves_neither_gunicorn_nor_its_worker_behind(
    collector: Collector, tmp_path: Path
) -> None:
    mark = f"killed-{os.getpid()}"
    with driving(collector, tmp_path, mark) as driver:
        await until(lambda: len(marked(mark)) == 3, LIMIT)
        await asyncio.to_thread(collector.wait_for, "socket.opened")
        os.kill(driver.pid, signal.SIGKILL)
        await until(lambda: driver.poll() is not None and marked(mark) == [], STOP_LIMIT)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_a_terminated_driver_stops_everything_in_order(collector: Collector, tmp_path: Path) -> None:
    mark = f"terminated-{os.getpid()}"
    with driving(collector, tmp_path, mark) as driver:
        await asyncio.to_thread(collector.wait_for, "boot.ready", within=LIMIT)
        driver.terminate()
        await until(lambda: driver.poll() is not None, STOP_LIMIT)
    assert driver.returncode == 0
    assert marked(mark) == []
    assert len(collector.events("boot.exited")) == 1
