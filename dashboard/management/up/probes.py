"""Whether a child does its work already. A probe never raises: what cannot be asked is not ready."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

PROBE_TIMEOUT = 2.0  # seconds
ANSWER_LIMIT = 256  # bytes; only the beginning matters

Probe = Callable[[float], Awaitable[bool]]  # given the wall time of the child's start, in seconds


async def ask(host: str, port: int, question: bytes) -> bytes:
    """The beginning of a TCP server's answer; empty where there is none in time."""
    try:
        async with asyncio.timeout(PROBE_TIMEOUT):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(question)
                return await reader.read(ANSWER_LIMIT)
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return b""


def answers_ping(url: str) -> Probe:
    """A Redis-compatible server that has loaded its data."""
    parts = urlsplit(url)
    question = f"AUTH {parts.password}\r\nPING\r\n" if parts.password else "PING\r\n"

    async def probe(_started: float) -> bool:
        answer = await ask(parts.hostname or "", parts.port or 0, question.encode())
        return answer.endswith(b"+PONG\r\n")

    return probe


def answers_readyz(host: str, port: int, name: str) -> Probe:
    """A web process that can store: `GET /readyz` answers 200. `name` is a host name that it accepts."""
    question = f"GET /readyz HTTP/1.0\r\nHost: {name}\r\n\r\n".encode()

    async def probe(_started: float) -> bool:
        answer = await ask(host, port, question)
        return answer.split(b" ")[1:2] == [b"200"]

    return probe


def has_pulse(path: Path) -> Probe:
    """A worker or beat that has shown a sign of life since it was started."""

    async def probe(started: float) -> bool:
        return touched_since(path, started)

    return probe


def touched_since(path: Path, moment: float) -> bool:
    """Whether the file was modified at or after the wall time, in seconds."""
    return path.is_file() and path.stat().st_mtime >= moment


async def runs(_started: float) -> bool:
    """For a child that is at work as soon as it exists."""
    return True
