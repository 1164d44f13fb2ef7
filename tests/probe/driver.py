"""An ASGI server reduced to one scope: hands messages in, keeps what the application sends."""

import asyncio
from types import SimpleNamespace
from typing import Any, Self

from falsestart.messages import App, Message

CONNECT: Message = {"type": "websocket.connect"}
ACCEPT: Message = {"type": "websocket.accept"}


def gone(code: int, reason: str | None = None) -> Message:
    """A disconnect as uvicorn gives it: with a reason exactly when there was a close frame."""
    message: Message = {"type": "websocket.disconnect", "code": code}
    return message if reason is None else {**message, "reason": reason}


class Driver:
    """Runs an application once. Sending one of `fail_sends_of`, types of messages, fails with `failure`."""

    def __init__(
        self,
        app: App,
        *incoming: Message,
        fail_sends_of: tuple[str, ...] = (),
        failure: Exception | None = None,
    ) -> None:
        self._app = app
        self._incoming = list(incoming)
        self._fail_sends_of = fail_sends_of
        self._failure = failure or OSError("the peer is gone")
        self.sent: list[Message] = []

    async def websocket(self, path: str = "/ws", query: bytes = b"", **extra: Any) -> None:
        scope = {"type": "websocket", "path": path, "query_string": query, "client": ("10.0.0.9", 4711)}
        await self.run({**scope, "headers": [(b"user-agent", b"test")], **extra})

    async def http(self, path: str = "/", method: str = "GET") -> None:
        await self.run({"type": "http", "path": path, "method": method, "headers": []})

    async def lifespan(self) -> None:
        await self.run({"type": "lifespan"})

    async def run(self, scope: dict[str, Any]) -> None:
        await self._app(scope, self._receive, self._send)

    async def _receive(self) -> Message:
        if not self._incoming:
            await asyncio.Event().wait()
        return self._incoming.pop(0)

    async def _send(self, message: Message) -> None:
        if message["type"] in self._fail_sends_of:
            raise self._failure
        self.sent.append(message)


class UvicornDriver(Driver):
    """Keeps a transport as uvicorn's protocols do; it closes when `closing` says so."""

    closing = False

    @property
    def transport(self) -> Self:
        return self

    def is_closing(self) -> bool:
        return self.closing


class HypercornDriver(Driver):
    """Looks like Hypercorn's stream, which takes every message and delivers none once it is `closed`."""

    closed = False
    terminated = False

    @property
    def context(self) -> SimpleNamespace:
        return SimpleNamespace(terminated=SimpleNamespace(is_set=lambda: self.terminated))
