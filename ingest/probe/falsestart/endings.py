"""How one socket ended, decided from the first evidence of it. Pure: no clock, no socket."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from falsestart.wording import clean, describe, text_of

Origin = Literal[
    "app_error", "app_close", "server_shutdown", "keepalive", "peer", "network", "platform", "unknown"
]

NORMAL = 1000
NO_STATUS = 1005  # a close frame without a code; some servers also say it when there was no frame at all
ABNORMAL = 1006  # no close frame
INTERNAL_ERROR = 1011
SERVICE_RESTART = 1012
REFUSED = 403  # what a close before accept becomes
SERVER_ERROR = 500  # what an exception before accept becomes on most servers
SENDABLE = frozenset({*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)})  # by RFC 6455
PEER_IS_DONE = frozenset({NORMAL, 1001, NO_STATUS})


@dataclass(frozen=True, kw_only=True, slots=True)
class End:
    """What the first evidence says. Later evidence may add an exception, but changes nothing else."""

    origin: Origin
    """Who ended it."""
    code: int | None = None
    """The close code; None when there was no close frame."""
    status: int | None = None
    """HTTP status of a refused handshake; None after accept."""
    reason: str | None = None
    exception: str | None = None
    """Type of the exception that passed through."""

    @property
    def expected(self) -> bool:
        """Nobody's fault: the peer was done, or the application was."""
        if self.exception is not None or self.status is not None:
            return False
        if self.origin == "peer":
            return self.code in PEER_IS_DONE
        return self.origin == "app_close" and self.code == NORMAL


@dataclass(frozen=True, kw_only=True, slots=True)
class Habits:
    """How a server finishes for an application that leaves a socket unfinished. None: not at all."""

    raised_early: int | None = SERVER_ERROR
    """HTTP status after an exception before accept."""
    cancelled_early: int | None = SERVER_ERROR
    """HTTP status after a cancellation before accept."""
    returned_early: int | None = SERVER_ERROR
    """HTTP status after a return before accept."""
    raised: int | None = None
    """Close code after an exception."""
    cancelled: int | None = None
    """Close code after a cancellation."""
    returned: int | None = None
    """Close code after a return without a close."""


def closed_by_app(message: Mapping[str, Any], *, accepted: bool) -> End:
    """The application sent `websocket.close`."""
    code = message.get("code", NORMAL)
    code = code if isinstance(code, int) and NORMAL <= code <= 4999 else NORMAL
    reason = _text(message.get("reason"))
    if accepted:
        return End(origin="app_close", code=code, reason=reason)
    # The client sees 403 whatever the code was: keep what the application meant beside it.
    return End(origin="app_close", status=REFUSED, code=None if code == NORMAL else code, reason=reason)


def denied_by_app(message: Mapping[str, Any]) -> End:
    """The application answered the handshake with an HTTP response."""
    status = message.get("status")
    known = isinstance(status, int) and 100 <= status <= 599
    return End(origin="app_close", status=status if known else SERVER_ERROR)


def disconnected(message: Mapping[str, Any], known: End | None = None) -> End:
    """The server delivered `websocket.disconnect` before the application closed.

    `known`: what the server knows beyond its message.
    """
    code, reason = message.get("code"), _text(message.get("reason"))
    # uvicorn gives a reason, if only an empty one, exactly when there was a close frame.
    framed = "reason" in message
    if code == SERVICE_RESTART and not framed:
        return End(origin="server_shutdown", code=code)
    if known is not None:
        return known
    if not isinstance(code, int) or code == ABNORMAL or (code == NO_STATUS and not framed):
        return End(origin="network", reason=reason)
    return closed_by_peer(code, reason)


def closed_by_peer(code: int, reason: str | None) -> End:
    """A close frame of the other side came first."""
    known = int(code) if NORMAL <= code <= 4999 else None
    return End(
        origin="keepalive" if _is_keepalive(code, reason) else "peer", code=known, reason=reason or None
    )


def closed_by_server(code: int, reason: str) -> End:
    """A missed ping, a shutdown, or a frame that broke the protocol: nothing of this is the application's."""
    if _is_keepalive(code, reason):
        return End(origin="keepalive", code=code, reason=reason)
    origin: Origin = "server_shutdown" if code == SERVICE_RESTART else "unknown"
    return End(origin=origin, code=code, reason=_text(reason) or "closed by the server")


def dropped_by_server(why: str) -> End:
    """The server cut the connection over what the peer had sent, without a close frame."""
    return End(origin="unknown", reason=clean(f"dropped by the server: {why}"))


def _is_keepalive(code: int, reason: str | None) -> bool:
    return code == INTERNAL_ERROR and reason is not None and "keepalive" in reason.lower()


def _is_cancellation(error: BaseException) -> bool:
    """Asyncio's way to ask an application to stop, trio's, and the last way: its loop is gone."""
    return isinstance(error, (asyncio.CancelledError, GeneratorExit)) or type(error).__name__ == "Cancelled"


def raised(error: BaseException, *, accepted: bool, stopping: bool, habits: Habits) -> End:
    """An exception passed through before anything else had ended the socket."""
    cancelled = _is_cancellation(error)
    late = habits.cancelled if cancelled else habits.raised
    early = habits.cancelled_early if cancelled else habits.raised_early
    told = isinstance(error, GeneratorExit) or "shutdown" in text_of(error).lower()
    shutdown = cancelled and (stopping or told)
    return End(
        origin="server_shutdown" if shutdown else "app_error",
        code=late if accepted else None,
        status=None if accepted else early,
        reason=describe(error),
        exception=type(error).__name__,
    )


def returned(*, accepted: bool, habits: Habits) -> End:
    """The application returned without closing, accepting or refusing."""
    if accepted:
        return End(origin="app_error", code=habits.returned, reason="returned without closing")
    return End(origin="app_error", status=habits.returned_early, reason="returned before accept")


def _text(value: object) -> str | None:
    return clean(value) or None if isinstance(value, str) else None
