"""What the client does to a socket, on every server: how the server answers, what is told."""

import asyncio

import pytest

from tests.probe.collector import Collector
from tests.probe.processes import Server
from tests.probe.servers.cells import (
    GRANIAN_SAYS,
    Act,
    Event,
    Row,
    cells,
    ended,
    ending,
    expected,
    given_up,
    named,
    new_id,
    rejected,
)
from tests.probe.servers.conftest import Fleet
from tests.probe.servers.run import SERVERS
from tests.probe.servers.wire import GONE, NO_FRAME, Wire

SERVED = SERVERS

NETWORK = ended("network")
# Hypercorn tells 1006 for all of them; that there was a frame is read from the state of its connection.
HYPERCORN = ended("peer", code=1005, reason="Hypercorn does not tell the code of the peer's close frame")
# Granian tells 1005 for all that has no code.
GRANIAN = ended("network", reason=GRANIAN_SAYS)
TIMEOUT = {"reason": "TimeoutError: no database", "exception": "TimeoutError"}


async def talk(wire: Wire) -> None:
    wire.say("hello")
    assert await wire.hears() == "hello"


def leaves(code: int | None, reason: str = "") -> Act:
    async def leave(wire: Wire) -> None:
        await talk(wire)
        wire.close(code, reason)

    return leave


async def resets(wire: Wire) -> None:
    await talk(wire)
    wire.reset()


async def finishes(wire: Wire) -> None:
    await talk(wire)
    wire.finish()


async def resets_at_once(wire: Wire) -> None:
    wire.reset()


async def listens_and_leaves(wire: Wire) -> None:
    assert await wire.hears() == "tick"
    wire.close(4321, "bye")


async def listens_and_resets(wire: Wire) -> None:
    assert await wire.hears() == "tick"
    wire.reset()


async def gives_up_on_a_blocked_loop(wire: Wire) -> None:
    wire.say("block")
    wire.close(1011, "keepalive ping timeout")


def closes(code: int, reason: str = "") -> Row:
    """The client leaves with a code: everybody answers with the same one, but Daphne with 1000."""
    told = ended("peer", code=code, **({"reason": reason} if reason else {}))
    return Row(
        path="/echo",
        act=leaves(code, reason),
        seen=f"{code} {reason}".strip(),
        told=told,
        but={
            "hypercorn": (f"{code} {reason}".strip(), HYPERCORN),
            "daphne": ("1000", told),
            "granian": (f"{code} {reason}".strip(), ended("peer", code=code)),
        },
    )


GAVE_UP = {"code": 1011, "reason": "keepalive ping timeout"}

ROWS = {
    "closes with 1000": closes(1000),
    "closes with 1011": closes(1011, "boom"),
    "closes with 4321": closes(4321),
    "closes without a code": Row(
        path="/echo",
        act=leaves(None),
        seen="1005",
        told=ended("peer", code=1005),
        but={
            "hypercorn": ("1005", HYPERCORN),
            "daphne": ("1000", ended("peer", code=1005)),
            "granian": ("1005", GRANIAN),
        },
    ),
    "resets the connection": Row(
        path="/echo", act=resets, seen=GONE, told=NETWORK, but={"granian": (GONE, GRANIAN)}
    ),
    "ends the connection without a frame": Row(
        path="/echo", act=finishes, seen=NO_FRAME, told=NETWORK, but={"granian": (NO_FRAME, GRANIAN)}
    ),
    "is gone when the application says goodbye": Row(
        path="/farewell", act=resets_at_once, seen=GONE, told=NETWORK, but={"granian": (GONE, GRANIAN)}
    ),
    "gives up on a blocked loop": Row(
        path="/echo",
        act=gives_up_on_a_blocked_loop,
        seen="1011 keepalive ping timeout",
        told=ended("keepalive", **GAVE_UP),
        but={
            "hypercorn": ("1011 keepalive ping timeout", HYPERCORN),
            "daphne": ("1000", ended("keepalive", **GAVE_UP)),
            "granian": ("1011 keepalive ping timeout", ended("peer", code=1011)),
        },
    ),
}


@pytest.mark.integration
@pytest.mark.parametrize("name", SERVED)
async def test_what_the_client_does_is_told_as_far_as_the_server_knows_it(
    fleet: Fleet, shared: Collector, name: str
) -> None:
    assert await cells(name, fleet[name], shared, ROWS) == expected(name, ROWS)


# An application that only sends. Granian takes what it sends to nobody without a word: nothing is told.
UNREAD = {
    "closes with 4321": Row(
        path="/push",
        act=listens_and_leaves,
        seen="4321 bye",
        told=ended("peer", code=4321, reason="bye"),
        but={
            "hypercorn": ("4321 bye", HYPERCORN),
            "daphne": ("1000", ended("peer", code=4321, reason="bye")),
        },
    ),
    "resets the connection": Row(path="/push", act=listens_and_resets, seen=GONE, told=NETWORK),
}


@pytest.mark.integration
@pytest.mark.parametrize("name", [name for name in SERVED if name != "granian"])
async def test_it_is_told_also_where_the_application_never_reads(
    fleet: Fleet, shared: Collector, name: str
) -> None:
    measured = await cells(name, fleet[name], shared, UNREAD)
    # uvicorn says by which error it noticed, where it noticed by an error.
    for _, told in measured.values():
        if told["origin"] == "network":
            told.pop("reason", None)
    assert measured == expected(name, UNREAD)


async def give_up(server: Server, collector: Collector, path: str) -> Event:
    """Knock, wait until the application knows, leave; then the application of `/stall` may go on."""
    socket = new_id()
    wire = Wire(server.port, named(path, socket))
    await wire.knock()
    await asyncio.to_thread(collector.wait_for, "socket.opened", socket=socket)
    wire.reset()
    if path == "/stall":
        await release(server.port)
    return await asyncio.to_thread(ending, collector, socket)


async def release(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert (await reader.readline()).split()[1] == b"503"
    writer.close()


LEFT_WAITING = given_up("network")
FAILED_LATER = given_up("network", exception="TimeoutError")
HUNG: dict[str, dict[str, Event]] = {
    name: {"/hang": LEFT_WAITING, "/stall": FAILED_LATER} for name in SERVERS
}
# Granian does not tell before accept that the client has left: `/hang` would wait for ever.
HUNG["granian"] = {"/stall": rejected(403, "app_error", **TIMEOUT)}


@pytest.mark.integration
@pytest.mark.parametrize("name", SERVED)
async def test_a_handshake_that_the_client_gave_up_was_never_accepted_and_is_lost(
    fleet: Fleet, shared: Collector, name: str
) -> None:
    told = await asyncio.gather(*(give_up(fleet[name], shared, path) for path in HUNG[name]))
    assert dict(zip(HUNG[name], told, strict=True)) == HUNG[name]
