"""What each server does and knows by itself: ASGI does not tell the application everything.

Read-only, from what the servers' own objects keep. A server that is not known, that hides behind another
middleware's `receive` and `send`, or that keeps things otherwise in a coming version, tells nothing.
"""

import sys
from typing import Any

from falsestart.endings import (
    NO_STATUS,
    SERVICE_RESTART,
    End,
    Habits,
    closed_by_peer,
    closed_by_server,
    dropped_by_server,
)
from falsestart.guard import trouble
from falsestart.messages import Message, Receive, Send

KEEPALIVE = (1011, "keepalive ping timeout")  # what uvicorn sends for a missed ping
TOO_BIG = (1009, "message too big")
PROTOCOL_ERROR = 1002
DROPPED = "I dropped the WebSocket TCP connection: "  # how autobahn begins to say why


class Server:
    """A server of which nothing is known."""

    habits = Habits()
    silent = False  # whether a send to a peer that is gone fails without an error

    def end(self, message: Message) -> End | None:  # noqa: ARG002 - the others read it
        """How the socket ended, by a disconnect and by what the server knows beyond it; None: no more."""
        return None

    def gone(self) -> bool:
        """Whether the connection is known to be over already, whatever the application was told."""
        return False

    def stopping(self) -> bool:
        """Whether the server is known to be shutting down."""
        return False


class Uvicorn(Server):
    """Its three protocol classes, in uvicorn itself and in gunicorn's workers."""

    def __init__(self, protocol: Any) -> None:  # noqa: ANN401 - a class of another distribution
        """`protocol` is what `receive` is bound to."""
        self._protocol = protocol
        self._frames = getattr(protocol, "conn", protocol)

    def end(self, message: Message) -> End | None:
        """It tells 1005 or 1006 after most frames of its own."""
        state = _state(self._frames)
        if state:
            return _by_wsproto(state, message)
        sent, received = _frame(self._frames, "close_sent"), _frame(self._frames, "close_rcvd")
        if received is not None and (sent is None or self._frames.close_rcvd_then_sent):
            return closed_by_peer(*received)
        return None if sent is None else closed_by_server(*sent)

    def gone(self) -> bool:
        """By the transport, which uvicorn closes itself only after the application or the peer has."""
        return bool(self._protocol.transport.is_closing())


class Hypercorn(Server):
    """One stream object, which `send` is bound to; on asyncio and trio alike."""

    habits = Habits(raised=1011, cancelled=1011, returned=1011)
    silent = True

    def __init__(self, stream: Any) -> None:  # noqa: ANN401 - a class of another distribution
        """`stream` is what `send` is bound to."""
        self._stream = stream

    def end(self, message: Message) -> End | None:  # noqa: ARG002 - it says 1006 for everything
        """It tells 1006 whatever happened: the state of its frames knows a little more."""
        stream = self._stream
        buffer = getattr(stream, "buffer", None)
        if buffer is not None and buffer.length > buffer.max_length:
            return closed_by_server(*TOO_BIG)
        if _state(getattr(stream, "connection", None)) in {"REMOTE_CLOSING", "CLOSED"}:
            reason = "Hypercorn does not tell the code of the peer's close frame"
            return End(origin="peer", code=NO_STATUS, reason=reason)
        if self.stopping():
            return End(origin="server_shutdown")
        return None

    def gone(self) -> bool:
        """Its stream is marked before the application hears of it."""
        return bool(self._stream.closed)

    def stopping(self) -> bool:
        """All streams of a worker share the event."""
        return bool(self._stream.context.terminated.is_set())


class Daphne(Server):
    """Its protocol object is autobahn's, and bound into `send`."""

    habits = Habits(returned_early=None, cancelled_early=None, raised=1011)
    silent = True

    def __init__(self, protocol: Any) -> None:  # noqa: ANN401 - a class of another distribution
        """`protocol` is the first argument bound into `send`."""
        self._protocol = protocol

    def end(self, message: Message) -> End | None:  # noqa: ARG002 - the protocol knows all of it
        """Autobahn remembers who closed, dropped or failed, and why."""
        protocol = self._protocol
        unclean = str(protocol.wasNotCleanReason or "")
        if "ping timeout" in unclean:
            return End(origin="keepalive", reason=KEEPALIVE[1])
        if protocol.failedByMe:
            return dropped_by_server(unclean.removeprefix(DROPPED))
        if protocol.closedByMe:
            return closed_by_server(protocol.localCloseCode or NO_STATUS, protocol.localCloseReason or "")
        if protocol.wasClean:
            return closed_by_peer(protocol.remoteCloseCode or NO_STATUS, protocol.remoteCloseReason)
        return None

    def gone(self) -> bool:
        """In its last states, whether the application was told or not."""
        return self._protocol.state in {self._protocol.STATE_CLOSING, self._protocol.STATE_CLOSED}

    def stopping(self) -> bool:
        """The reactor stops before it cancels the applications."""
        return bool(getattr(sys.modules.get("twisted.internet.reactor"), "_stopped", False))


class Granian(Server):
    """Compiled, and keeps nothing that can be read."""

    habits = Habits(
        raised_early=403, cancelled_early=403, returned_early=403, raised=1005, cancelled=1005, returned=1005
    )

    def end(self, message: Message) -> End | None:
        """It tells 1005 for a frame without a code, for none, and for one of its own."""
        if message.get("code") == NO_STATUS:
            reason = "Granian tells a close frame without a code and a lost connection alike"
            return End(origin="network", reason=reason)
        if message.get("code") == PROTOCOL_ERROR:
            return End(origin="unknown", code=PROTOCOL_ERROR, reason="Granian does not tell who closed")
        return None


def server_of(receive: Receive, send: Send) -> Server:
    """The server that made these two."""
    try:
        return _recognised(receive, send)
    except Exception as error:  # noqa: BLE001 - whatever these are, they must reach the application
        trouble("servers", error)
        return Server()


def _recognised(receive: Receive, send: Send) -> Server:
    receiver, sender = getattr(receive, "__self__", None), getattr(send, "__self__", None)
    bound = getattr(send, "args", None)
    if bound and hasattr(bound[0], "wasNotCleanReason"):
        return Daphne(bound[0])
    if hasattr(sender, "closed") and hasattr(sender, "context"):
        return Hypercorn(sender)
    if hasattr(receiver, "transport"):
        return Uvicorn(receiver)
    if type(receiver).__module__.partition(".")[0] in {"granian", "_granian"}:
        return Granian()
    return Server()


def _by_wsproto(state: str, message: Message) -> End | None:
    code, reason = message.get("code"), message.get("reason")
    if state == "LOCAL_CLOSING" and code is not None and code != SERVICE_RESTART:
        # A message too big comes with its reason; the only other close of its own is for a missed ping.
        return closed_by_server(code, reason) if reason else closed_by_server(*KEEPALIVE)
    # The code of a frame that broke the protocol, told as if the peer had closed: nothing was sent.
    return dropped_by_server(str(reason)) if state == "OPEN" and reason else None


def _state(connection: object) -> str:
    """The name of a wsproto connection's state; empty for anything else."""
    state = getattr(connection, "state", None)
    known = type(state).__module__.startswith("wsproto")
    return str(getattr(state, "name", "")) if known else ""


def _frame(frames: object, name: str) -> tuple[int, str] | None:
    """Code and reason of a close frame that websockets keeps."""
    frame = getattr(frames, name, None)
    code, reason = getattr(frame, "code", None), getattr(frame, "reason", None)
    if not isinstance(code, int):
        return None
    return code, reason if isinstance(reason, str) else ""
