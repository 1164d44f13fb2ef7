"""A startup that raises, fails, is slow or blocks the loop, on every server: what early clients meet."""

import asyncio
import contextlib
from dataclasses import dataclass

import pytest

from tests.probe.collector import Collector
from tests.probe.processes import Server
from tests.probe.servers.cells import named, new_id
from tests.probe.servers.run import SERVERS, serve
from tests.probe.servers.wire import NO_ANSWER, Wire

OPEN = "http 101"
NEVER = "never"  # the process ends before anybody is served


@dataclass(frozen=True, kw_only=True)
class Start:
    """How a server starts the service."""

    seen: str = OPEN
    """What a client meets that tries from the first moment until it is answered."""
    code: int | None = None
    """The exit code; None where it goes on."""
    story: tuple[str, ...]
    """What the boot tells, until its first socket."""


PHASES = ("phase.started", "phase.finished") * 2
FAILED = ("boot.failed", "boot.exited")
SERVING = ("boot.listening", "socket.opened")

# The server takes the exception for "does not speak lifespan", and serves. Daphne runs no lifespan at all.
RAISES = {name: Start(story=("boot.failed", *SERVING)) for name in SERVERS} | {
    name: Start(story=("boot.listening", "boot.failed", "socket.opened"))
    for name in ("gunicorn", "gunicorn --preload")
}
RAISES["daphne"] = Start(story=SERVING)

FAILS = {name: Start(seen=NEVER, code=3, story=FAILED) for name in SERVERS} | {
    "gunicorn": Start(seen=NEVER, code=3, story=("boot.listening", *FAILED)),
    "gunicorn --preload": Start(seen=NEVER, code=3, story=("boot.listening", *FAILED)),
    "hypercorn": Start(seen=NEVER, code=0, story=FAILED),
    "daphne": Start(story=SERVING),
    # Its worker ends without the interpreter's own end: nothing is told after the failure.
    "granian": Start(seen=NEVER, code=1, story=("boot.failed",)),
}

# A pre-fork server has its port before its worker begins: early clients wait there, not refused.
TAKES_ITS_TIME = {name: Start(story=(*PHASES, *SERVING)) for name in SERVERS} | {
    "gunicorn": Start(story=("boot.listening", *PHASES, "socket.opened")),
    "gunicorn --preload": Start(story=("boot.listening", *PHASES, "socket.opened")),
    "daphne": Start(story=SERVING),
}


async def knocking(server: Server) -> tuple[str, str]:
    """Try until somebody answers, or the process is over; the answer, and the id of the socket."""
    while server.process.poll() is None:
        socket = new_id()
        with contextlib.suppress(OSError):
            async with Wire(server.port, named("/echo", socket)) as wire:
                if wire.answer != NO_ANSWER:
                    return wire.answer, socket
        # Nothing tells of a bind in another process: look again until it ends.
        await asyncio.sleep(0.02)
    return NEVER, ""


async def start(name: str, manner: str) -> Start:
    with Collector() as collector, serve(name, collector, LIFESPAN=manner) as server:
        async with asyncio.timeout(60.0):
            seen, socket = await knocking(server)
        if seen == NEVER:
            return Start(seen=seen, code=server.process.returncode, story=story(collector, "boot.failed"))
        await asyncio.to_thread(collector.wait_for_end, socket)
        return Start(seen=seen, story=story(collector, "socket.opened"))


def story(collector: Collector, about: str) -> tuple[str, ...]:
    """What the first boot that tells `about` tells, until its first socket."""
    kinds = next((kinds for kinds in collector.boots().values() if about in kinds), [])
    told = [kind for kind in kinds if kind.startswith(("phase.", "boot.", "socket.opened"))]
    until = told.index("socket.opened") + 1 if "socket.opened" in told else len(told)
    return tuple(told[:until])


@pytest.mark.integration
@pytest.mark.parametrize(
    ("manner", "table"),
    [("raise", RAISES), ("fail", FAILS), ("slow", TAKES_ITS_TIME), ("block", TAKES_ITS_TIME)],
    ids=["raises", "fails", "is slow", "blocks the loop"],
)
async def test_a_startup_is_told_as_it_went_whatever_early_clients_meet(
    manner: str, table: dict[str, Start]
) -> None:
    found = await asyncio.gather(*(start(name, manner) for name in SERVERS))
    assert dict(zip(SERVERS, found, strict=True)) == table
