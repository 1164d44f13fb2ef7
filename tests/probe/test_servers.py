"""What is read out of the servers' own objects; tests/probe/servers holds it against the real ones."""

import sys
from enum import Enum
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from falsestart.endings import End
from falsestart.messages import Message
from falsestart.servers import Daphne, Granian, Hypercorn, Server, Uvicorn, server_of

from tests.probe.driver import gone

KEEPALIVE = End(origin="keepalive", code=1011, reason="keepalive ping timeout")
DROPPED = "I dropped the WebSocket TCP connection: "


class Transport:
    def __init__(self, *, closing: bool = False) -> None:
        self.closing = closing

    def is_closing(self) -> bool:
        return self.closing


class UvicornProtocol:
    """As uvicorn's: `receive` is bound to it, and the frames lie in `conn` or in itself."""

    def __init__(self, conn: object = None, *, closing: bool = False) -> None:
        self.transport = Transport(closing=closing)
        self.conn = conn

    async def receive(self) -> Message:
        return {}


class Frames:
    """As websockets keeps them."""

    def __init__(
        self, sent: tuple[int, str] | None = None, rcvd: tuple[int, str] | None = None, *, peer: bool = False
    ) -> None:
        self.close_sent = sent and SimpleNamespace(code=sent[0], reason=sent[1])
        self.close_rcvd = rcvd and SimpleNamespace(code=rcvd[0], reason=rcvd[1])
        self.close_rcvd_then_sent = peer


class ConnectionState(Enum):
    """As wsproto names them."""

    OPEN = 1
    LOCAL_CLOSING = 3
    CLOSED = 4


ConnectionState.__module__ = "wsproto.connection"


def wsproto(state: str) -> SimpleNamespace:
    return SimpleNamespace(state=ConnectionState[state])


class Event:
    def __init__(self, *, up: bool) -> None:
        self._up = up

    def is_set(self) -> bool:
        return self._up


class HypercornStream:
    """As Hypercorn's: `send` is bound to it."""

    def __init__(
        self, state: str = "OPEN", *, length: int = 0, closed: bool = False, terminated: bool = False
    ) -> None:
        self.connection = wsproto(state)
        self.buffer = SimpleNamespace(length=length, max_length=1_000)
        self.closed = closed
        self.context = SimpleNamespace(terminated=Event(up=terminated))

    async def app_send(self, message: Message) -> None:
        """Take a message."""


class Autobahn:
    """As autobahn's, which Daphne binds into `send`."""

    STATE_CLOSED, STATE_OPEN, STATE_CLOSING = 0, 3, 4
    wasClean = closedByMe = failedByMe = False  # noqa: N815 - autobahn's names
    remoteCloseCode = remoteCloseReason = localCloseCode = localCloseReason = wasNotCleanReason = None  # noqa: N815
    state = STATE_OPEN

    def __init__(self, **facts: object) -> None:
        vars(self).update(facts)


async def nowhere(*_arguments: object) -> Message:
    return {}


class Wrapper:
    """Another middleware's callable."""

    async def __call__(self, *_arguments: object) -> Message:
        return {}


ASGIWebsocketProtocol = type(
    "ASGIWebsocketProtocol", (), {"__module__": "granian._granian", "receive": nowhere}
)


@pytest.mark.parametrize(
    ("receive", "send", "kind"),
    [
        (UvicornProtocol().receive, nowhere, Uvicorn),
        (nowhere, HypercornStream().app_send, Hypercorn),
        (nowhere, partial(nowhere, Autobahn()), Daphne),
        (ASGIWebsocketProtocol().receive, nowhere, Granian),
        (nowhere, nowhere, Server),
        (Wrapper(), Wrapper(), Server),
        (nowhere, partial(nowhere, "something else"), Server),
    ],
)
def test_a_server_is_known_by_what_its_callables_are_bound_to(
    receive: Any, send: Any, kind: type[Server]
) -> None:
    assert type(server_of(receive, send)) is kind


def test_callables_that_cannot_be_looked_at_belong_to_nobody() -> None:
    class Odd(Wrapper):
        @property
        def args(self) -> object:
            raise KeyError("args")

    assert type(server_of(Wrapper(), Odd())) is Server  # type: ignore[arg-type]


def test_an_unknown_server_knows_nothing() -> None:
    server = Server()
    assert (server.end(gone(1006)), server.gone(), server.stopping(), server.silent) == (
        None,
        False,
        False,
        False,
    )


@pytest.mark.parametrize(
    ("conn", "message", "end"),
    [
        (Frames(), gone(1006), None),
        (Frames((1011, "keepalive ping timeout")), gone(1006), KEEPALIVE),
        (
            Frames((1009, "too big"), (1009, "")),
            gone(1006),
            End(origin="unknown", code=1009, reason="too big"),
        ),
        (Frames((1002, "")), gone(1006), End(origin="unknown", code=1002, reason="closed by the server")),
        (
            Frames((4321, ""), (4321, "bye"), peer=True),
            gone(1006),
            End(origin="peer", code=4321, reason="bye"),
        ),
        (Frames(None, (1000, "")), {}, End(origin="peer", code=1000)),
        (SimpleNamespace(close_sent=True), gone(1005), None),
        (wsproto("CLOSED"), gone(1000, ""), None),
        (wsproto("OPEN"), gone(1005), None),
        (
            wsproto("OPEN"),
            gone(1002, "bad mask"),
            End(origin="unknown", reason="dropped by the server: bad mask"),
        ),
        (wsproto("LOCAL_CLOSING"), gone(1009, "big"), End(origin="unknown", code=1009, reason="big")),
        (wsproto("LOCAL_CLOSING"), gone(1005), KEEPALIVE),
        (wsproto("LOCAL_CLOSING"), gone(1012), None),
        (wsproto("LOCAL_CLOSING"), {}, None),
    ],
)
def test_uvicorn_keeps_the_frames_that_it_does_not_tell(
    conn: object, message: Message, end: End | None
) -> None:
    assert Uvicorn(UvicornProtocol(conn)).end(message) == end


def test_uvicorn_is_done_with_a_connection_that_closes() -> None:
    assert [Uvicorn(UvicornProtocol(closing=closing)).gone() for closing in (False, True)] == [False, True]


HIDDEN = End(origin="peer", code=1005, reason="Hypercorn does not tell the code of the peer's close frame")


@pytest.mark.parametrize(
    ("stream", "end"),
    [
        (HypercornStream(), None),
        (HypercornStream("CLOSED"), HIDDEN),
        (HypercornStream("CLOSED", terminated=True), HIDDEN),
        (HypercornStream(terminated=True), End(origin="server_shutdown")),
        (
            HypercornStream("LOCAL_CLOSING", length=1_001),
            End(origin="unknown", code=1009, reason="message too big"),
        ),
    ],
)
def test_hypercorn_knows_more_than_1006(stream: HypercornStream, end: End | None) -> None:
    assert Hypercorn(stream).end(gone(1006)) == end


def test_hypercorns_stream_says_that_it_is_closed_and_its_worker_that_it_stops() -> None:
    over, stops = Hypercorn(HypercornStream(closed=True)), Hypercorn(HypercornStream(terminated=True))
    assert (over.gone(), over.stopping(), stops.gone(), stops.stopping()) == (True, False, False, True)


@pytest.mark.parametrize(
    ("facts", "end"),
    [
        ({}, None),
        ({"wasNotCleanReason": "peer dropped the TCP connection without previous closing handshake"}, None),
        (
            {"wasNotCleanReason": "WebSocket ping timeout (peer did not respond with pong in time)"},
            End(origin="keepalive", reason="keepalive ping timeout"),
        ),
        (
            {"failedByMe": True, "wasNotCleanReason": f"{DROPPED}invalid close code 1006"},
            End(origin="unknown", reason="dropped by the server: invalid close code 1006"),
        ),
        (
            {"closedByMe": True, "localCloseCode": 1000, "wasClean": True, "remoteCloseCode": 1000},
            End(origin="unknown", code=1000, reason="closed by the server"),
        ),
        (
            {"wasClean": True, "remoteCloseCode": 4321, "remoteCloseReason": "bye"},
            End(origin="peer", code=4321, reason="bye"),
        ),
        ({"wasClean": True}, End(origin="peer", code=1005)),
    ],
)
def test_daphnes_protocol_remembers_who_closed_and_why(facts: dict[str, object], end: End | None) -> None:
    assert Daphne(Autobahn(**facts)).end(gone(1006)) == end


def test_daphne_is_done_with_a_connection_that_closes_or_is_closed() -> None:
    states = (Autobahn.STATE_OPEN, Autobahn.STATE_CLOSING, Autobahn.STATE_CLOSED)
    assert [Daphne(Autobahn(state=state)).gone() for state in states] == [False, True, True]


def test_daphne_stops_when_its_reactor_does(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for stopped in (False, True):
        reactor = SimpleNamespace(_stopped=stopped)
        monkeypatch.setitem(sys.modules, "twisted.internet.reactor", reactor)
        found.append(Daphne(Autobahn()).stopping())
    assert found == [False, True]


def test_granian_says_which_of_its_codes_mean_nothing() -> None:
    alike = "Granian tells a close frame without a code and a lost connection alike"
    assert [Granian().end(gone(code)) for code in (1000, 1005, 1002)] == [
        None,
        End(origin="network", reason=alike),
        End(origin="unknown", code=1002, reason="Granian does not tell who closed"),
    ]
