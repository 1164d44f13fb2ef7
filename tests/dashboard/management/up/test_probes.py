"""Whether a child does its work already; what cannot be asked is not ready."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from dashboard.management.up.probes import answers_ping, answers_readyz, ask, has_pulse, runs

LOOPBACK = "127.0.0.1"
NOW = 1_000.0  # seconds


@asynccontextmanager
async def server(answer: bytes) -> AsyncIterator[int]:
    """A server that gives every client the same answer; yields its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(256)
        writer.write(answer)
        await writer.drain()
        writer.close()

    running = await asyncio.start_server(serve, LOOPBACK, 0)
    async with running:
        yield running.sockets[0].getsockname()[1]


@pytest.mark.parametrize(
    ("answer", "ready"),
    [(b"HTTP/1.1 200 OK\r\n\r\n", True), (b"HTTP/1.1 503 Service Unavailable\r\n\r\n", False), (b"", False)],
)
async def test_a_web_process_is_ready_when_readyz_answers_200(answer: bytes, ready: bool) -> None:
    """An open port alone proves nothing."""
    async with server(answer) as port:
        assert await answers_readyz(LOOPBACK, port, "localhost")(NOW) is ready


@pytest.mark.parametrize(
    ("answer", "ready"),
    [(b"+OK\r\n+PONG\r\n", True), (b"-LOADING the dataset\r\n", False), (b"-WRONGPASS\r\n", False)],
)
async def test_valkey_is_ready_when_it_has_loaded_its_data(answer: bytes, ready: bool) -> None:
    """It listens before that."""
    async with server(answer) as port:
        assert await answers_ping(f"redis://:password@{LOOPBACK}:{port}/0")(NOW) is ready


@pytest.mark.integration
async def test_a_real_server_answers_the_ping(redis_url: str) -> None:
    """Without a password too."""
    assert await answers_ping(redis_url)(NOW) is True


async def test_a_port_where_nobody_listens_gives_no_answer() -> None:
    """And raises nothing."""
    async with server(b"") as port:
        pass
    assert await ask(LOOPBACK, port, b"") == b""


async def test_a_pulse_of_an_earlier_life_does_not_count(tmp_path: Path) -> None:
    """The file of a worker that was killed is still there."""
    pulse = tmp_path / "worker.pulse"
    missing = await has_pulse(pulse)(NOW)
    pulse.touch()
    os.utime(pulse, (NOW - 1, NOW - 1))
    old = await has_pulse(pulse)(NOW)
    os.utime(pulse, (NOW, NOW))
    assert (missing, old, await has_pulse(pulse)(NOW)) == (False, False, True)


async def test_what_has_no_probe_is_ready_as_soon_as_it_runs() -> None:
    """The demo's traffic, for one."""
    assert await runs(NOW) is True
