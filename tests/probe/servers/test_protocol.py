"""Clients that break the protocol, are silent, or say too much: who closes, and what is told."""

import asyncio

import pytest

from tests.probe.collector import Collector
from tests.probe.servers.cells import (
    GRANIAN_SAYS,
    Act,
    Cell,
    Row,
    cells,
    ended,
    ending,
    expected,
    named,
    new_id,
)
from tests.probe.servers.conftest import Fleet
from tests.probe.servers.run import SERVERS
from tests.probe.servers.wire import NO_FRAME, RESERVED, STILL_OPEN, TEXT, Wire

SERVED = SERVERS
LIMIT = 1_000  # bytes of a message, where the server can be told so

OPTIONS = {
    "uvicorn": ("--ws-ping-interval", "0.5", "--ws-ping-timeout", "0.5", "--ws-max-size", str(LIMIT)),
    "hypercorn": ("--config", "python:tests.probe.servers.hypercorn_settings"),
    "daphne": ("--ping-interval", "1", "--ping-timeout", "1", "--websocket-max-message-size", str(LIMIT)),
}


def options(name: str) -> tuple[str, ...]:
    """The options of a server; gunicorn's workers and Granian have none for this."""
    return OPTIONS.get(name.split(maxsplit=1)[0].partition("-")[0], ())


def sends(opcode: int, payload: bytes, *, masked: bool = True) -> Act:
    async def send(wire: Wire) -> None:
        wire.frame(opcode, payload, masked=masked)

    return send


async def closes_illegally(wire: Wire) -> None:
    wire.close(1006)


NETWORK = (NO_FRAME, ended("network"))  # Hypercorn ends the connection and says no more than that
GRANIAN = (
    "1005",
    ended("network", reason=GRANIAN_SAYS),
)


def dropped(why: str) -> Cell:
    return NO_FRAME, ended("unknown", reason=f"dropped by the server: {why}")


def violates(act: Act, code: int, words: str, *, wsproto: str, daphne: str, granian: Cell = GRANIAN) -> Row:
    """A frame that must not be. The three uvicorn protocols differ in what they say, and in whether."""
    spoken = (f"{code} {words}".strip(), ended("unknown", code=code, reason=words or "closed by the server"))
    return Row(
        path="/echo",
        act=act,
        seen=spoken[0],
        told=spoken[1],
        but={
            "uvicorn-websockets": (str(code), ended("unknown", code=code, reason="closed by the server")),
            "uvicorn-wsproto": dropped(wsproto),
            "hypercorn": NETWORK,
            "daphne": dropped(daphne),
            "granian": granian,
        },
    )


ROWS = {
    "text that is no UTF-8": violates(
        sends(TEXT, b"\xff\xfe"),
        1007,
        "",
        wsproto="'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
        daphne="encountered invalid UTF-8 while processing text message at payload octet index 0",
    ),
    "a frame without a mask": violates(
        sends(TEXT, b"hello", masked=False),
        1002,
        "incorrect masking",
        wsproto="server received unexpected unmasked frame",
        daphne="unmasked client-to-server frame",
    ),
    "a reserved opcode": violates(
        sends(RESERVED, b"hello"),
        1002,
        "invalid opcode",
        wsproto="Invalid opcode 0xb",
        daphne="control frame using reserved opcode 11",
    ),
    "a close frame with 1006": violates(
        closes_illegally,
        1002,
        "invalid status code",
        wsproto="remote CLOSE with local-only reason",
        daphne="invalid close code 1006",
        granian=(
            "1002 Protocol violation",
            ended("unknown", code=1002, reason="Granian does not tell who closed"),
        ),
    ),
}


@pytest.mark.integration
@pytest.mark.parametrize("name", SERVED)
async def test_a_client_that_breaks_the_protocol_is_not_the_applications_doing(
    fleet: Fleet, shared: Collector, name: str
) -> None:
    assert await cells(name, fleet[name], shared, ROWS) == expected(name, ROWS)


async def says_too_much(wire: Wire) -> None:
    wire.say("x" * 5 * LIMIT)


def refused(reason: str) -> Cell:
    return f"1009 {reason}", ended("unknown", code=1009, reason=reason)


SANSIO = refused("frame with 5000 bytes exceeds limit of 1000 bytes")
TOO_BIG = {
    "5 kB where 1 kB is the limit": Row(
        path="/echo",
        act=says_too_much,
        seen=SANSIO[0],
        told=SANSIO[1],
        but={
            "uvicorn-websockets": ("1009", ended("unknown", code=1009, reason="closed by the server")),
            "uvicorn-wsproto": refused("Message exceeds the maximum size (1000 bytes)"),
            "hypercorn": ("1009", ended("unknown", code=1009, reason="message too big")),
            "daphne": dropped("received WebSocket message size 5000 exceeds payload limit of 1000 octets"),
        },
    )
}


@pytest.mark.integration
@pytest.mark.parametrize("name", [name for name in SERVED if options(name)])
async def test_a_message_over_the_limit_is_refused_by_the_server_itself(
    fleet: Fleet, shared: Collector, name: str
) -> None:
    assert await cells(name, fleet[name], shared, TOO_BIG) == expected(name, TOO_BIG)


KEEPALIVE = ended("keepalive", code=1011, reason="keepalive ping timeout")
SPOKEN = ("1011 keepalive ping timeout", KEEPALIVE)
MUTE: dict[str, Cell] = {
    "uvicorn-websockets": SPOKEN,
    "uvicorn-websockets-sansio": SPOKEN,
    "uvicorn-wsproto": SPOKEN,
    "daphne": (NO_FRAME, ended("keepalive", reason="keepalive ping timeout")),
}


@pytest.mark.integration
@pytest.mark.parametrize("name", MUTE)
async def test_a_client_that_never_answers_a_ping_is_a_keepalive(
    fleet: Fleet, shared: Collector, name: str
) -> None:
    socket = new_id()
    async with Wire(fleet[name].port, named("/echo", socket)) as wire:
        seen = await wire.end(pongs=False)
        told = await asyncio.to_thread(ending, shared, socket)
    assert (seen, told) == MUTE[name]


@pytest.mark.integration
async def test_hypercorn_pings_and_minds_no_silence(fleet: Fleet) -> None:
    async with Wire(fleet["hypercorn"].port, "/echo") as wire:
        await wire.pinged(3)
        assert await wire.is_open() == STILL_OPEN
