"""SIGTERM, SIGINT and SIGKILL while a socket is open, on every server: the last words of a process."""

import asyncio
import os
import signal
from dataclasses import dataclass, replace

import pytest

from ingest.domain.words import Cause, Outcome
from tests.probe.collector import Collector
from tests.probe.processes import Server
from tests.probe.servers.cells import GRANIAN_SAYS, Event, ended, named, told_by
from tests.probe.servers.judge import judged
from tests.probe.servers.run import SERVERS, serve
from tests.probe.servers.wire import NO_FRAME, Wire

SOCKET = "last"
GRACE = ("--graceful-timeout", "1")  # Hypercorn waits 3 s for its sockets otherwise

DRAINED = (Outcome.CLOSED, Cause.DRAIN)
CUT = (Outcome.LOST, Cause.DRAIN)
CRASHED = (Outcome.LOST, Cause.CRASH)


@dataclass(frozen=True, kw_only=True)
class Last:
    """How a server takes its leave."""

    seen: str
    """What the client sees."""
    told: Event | None
    """The end of the socket; None where the application is not told of it."""
    judged: tuple[Outcome, Cause | None]
    """What the server makes of it."""
    story: tuple[str, ...]
    """What the boot tells of its end."""
    code: int = 0
    """The exit code of the process that was started, negative for a signal."""


IN_ORDER = ("boot.draining", "boot.exited")
CANCELLED = {"reason": "CancelledError", "exception": "CancelledError"}

UVICORN = Last(seen="1012", told=ended("server_shutdown", code=1012), judged=DRAINED, story=IN_ORDER)
HYPERCORN = replace(UVICORN, seen="1011", told=ended("server_shutdown", code=1011, **CANCELLED))
# Within a second of any new connection it ends without waking the application: only the exit is told.
UNAWARE = Last(seen=NO_FRAME, told=None, judged=CUT, story=("boot.exited",))
DAPHNE = replace(UNAWARE, told=ended("server_shutdown", **CANCELLED), story=IN_ORDER)
# The socket's end and the end of lifespan run side by side, and the process waits for the second only.
OVERTAKEN = Last(seen=NO_FRAME, told=None, judged=CUT, story=IN_ORDER)
GRANIAN = replace(OVERTAKEN, told=ended("network", reason=GRANIAN_SAYS))

# What may happen: more than one thing where the server itself leaves it to chance.
Table = dict[str, tuple[Last, ...]]
INT: Table = {
    "uvicorn": (UVICORN,),
    "gunicorn": (UVICORN,),
    "hypercorn": (HYPERCORN,),
    "daphne": (DAPHNE, UNAWARE),
    "granian": (GRANIAN, OVERTAKEN),
}
TERM: Table = {**INT, "uvicorn": (replace(UVICORN, code=-signal.SIGTERM),)}
KILL: Table = dict.fromkeys(
    INT, (Last(seen=NO_FRAME, told=None, judged=CRASHED, story=(), code=-signal.SIGKILL),)
)


def among(found: Last, name: str, table: Table) -> Last:
    """What was found where it may happen, else what should have."""
    may = table[name.split(maxsplit=1)[0].partition("-")[0]]
    return found if found in may else may[0]


def options(name: str) -> tuple[str, ...]:
    return GRACE if name == "hypercorn" else ()


def send(server: Server, sent: signal.Signals) -> None:
    """As it comes: SIGTERM to the process that was started, the others to all of them at once."""
    if sent is signal.SIGTERM:
        server.process.send_signal(sent)
    else:
        os.killpg(server.process.pid, sent)


async def last_words(name: str, sent: signal.Signals) -> Last:
    # Daphne runs no lifespan: there the phases of the service run when it is imported.
    manner = "import" if name == "daphne" else ""
    with Collector() as collector, serve(name, collector, *options(name), LIFESPAN=manner) as server:
        await asyncio.to_thread(server.wait_until_it_listens)
        async with Wire(server.port, named("/echo", SOCKET)) as wire:
            await asyncio.to_thread(collector.wait_for, "socket.opened", socket=SOCKET)
            await asyncio.to_thread(collector.wait_for, "phase.finished", 2)
            send(server, sent)
            seen = await wire.end()
        code = await asyncio.to_thread(server.process.wait, 30.0)
        story = story_of(collector)
        told = next(map(told_by, collector.ends(SOCKET)), None)
        return Last(seen=seen, told=told, judged=judged(collector, SOCKET), story=story, code=code)


def story_of(collector: Collector) -> tuple[str, ...]:
    (kinds,) = (kinds for kinds in collector.boots().values() if "socket.opened" in kinds)
    return tuple(kind for kind in kinds if kind in {"boot.draining", "boot.exited"})


@pytest.mark.integration
@pytest.mark.parametrize(
    ("sent", "table"),
    [(signal.SIGTERM, TERM), (signal.SIGINT, INT), (signal.SIGKILL, KILL)],
    ids=["SIGTERM", "SIGINT", "SIGKILL"],
)
async def test_what_a_signal_does_to_an_open_socket_is_told_to_the_end(
    sent: signal.Signals, table: Table
) -> None:
    found = await asyncio.gather(*(last_words(name, sent) for name in SERVERS))
    measured = dict(zip(SERVERS, found, strict=True))
    assert measured == {name: among(found, name, table) for name, found in measured.items()}
