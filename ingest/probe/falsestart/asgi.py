"""Pure ASGI middleware: lifespan, WebSockets, and the requests that fail while the service starts."""

import asyncio
from typing import TYPE_CHECKING

from falsestart.guard import guarded, trouble
from falsestart.life import Life
from falsestart.messages import App, Message, Receive, Scope, Send, path_of
from falsestart.requests import tell_failed
from falsestart.sockets import ClientId, SocketWatch
from falsestart.wording import conclusion

if TYPE_CHECKING:
    from falsestart.probe import Probe

SHUTDOWN_FLUSH = 2.0  # seconds that the end of lifespan may wait for the sender
BLOCKING_FLUSH = 0.5  # seconds, where there is no asyncio loop to wait in


class FalsestartMiddleware:
    """Put it around the whole application, outside every other middleware."""

    def __init__(self, app: App, probe: "Probe", *, client_id: ClientId | None = None) -> None:
        """`client_id(scope)` names the client of a socket; by default a salted hash of host and browser."""
        self._app = app
        self._probe = probe
        self._client_id = client_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand over at once what is not watched; the rest passes through unchanged."""
        life = self._probe.life
        if life is None or scope["type"] not in {"websocket", "http", "lifespan"}:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            watch = SocketWatch(self._probe, life, scope, receive, send)
            await watch.run(self._app, self._client_id)
        elif scope["type"] == "lifespan":
            await LifespanWatch(self._probe, life, receive, send).run(self._app, scope)
        elif life.told("boot.listening") and not life.listing(life.boot.age()):
            await self._app(scope, receive, send)
        else:
            await RequestWatch(life, scope, send).run(self._app, receive)


class RequestWatch:
    """One HTTP request of a starting service; only a failed one is told."""

    __slots__ = ("_life", "_opened_age", "_scope", "_send", "_status")

    def __init__(self, life: Life, scope: Scope, send: Send) -> None:
        """Its age counts from here."""
        self._life = life
        self._opened_age = life.boot.age()
        self._scope = scope
        self._send = send
        self._status: int | None = None

    async def run(self, app: App, receive: Receive) -> None:
        """Run the application; what it raises leaves as it came."""
        self._opened()
        try:
            await app(self._scope, receive, self.send)
        except BaseException as error:
            self._ended(error)
            raise
        self._ended(None)

    async def send(self, message: Message) -> None:
        """The application's `send`."""
        if message["type"] == "http.response.start":
            self._status = message.get("status")
        await self._send(message)

    @guarded
    def _opened(self) -> None:
        self._life.record_once("boot.listening", self._opened_age)

    @guarded
    def _ended(self, error: BaseException | None) -> None:
        # A client that hangs up is cancelled by some servers: that is no failed request.
        if isinstance(error, asyncio.CancelledError):
            return
        tell_failed(
            self._life,
            path=path_of(self._scope),
            method=self._scope.get("method"),
            status=self._status,
            opened_age=self._opened_age,
            error=error,
        )


class LifespanWatch:
    """What the server and the application say to each other about starting and stopping."""

    __slots__ = ("_asked", "_life", "_over", "_probe", "_receive", "_send")

    def __init__(self, probe: "Probe", life: Life, receive: Receive, send: Send) -> None:
        """One for each lifespan scope."""
        self._probe = probe
        self._life = life
        self._receive = receive
        self._send = send
        self._asked = False
        self._over = False

    async def run(self, app: App, scope: Scope) -> None:
        """Run the application; what it raises leaves as it came."""
        try:
            await app(scope, self.receive, self.send)
        except BaseException as error:
            self._raised(error)
            raise

    async def receive(self) -> Message:
        """The application's `receive`."""
        message = await self._receive()
        self._asked = True
        if message["type"] == "lifespan.shutdown":
            self._probe.draining()
        return message

    async def send(self, message: Message) -> None:
        """The application's `send`."""
        kind = message["type"]
        if kind == "lifespan.startup.complete":
            self._completed()
        elif kind == "lifespan.startup.failed":
            # Starlette and Litestar put a whole traceback there.
            self._failed(conclusion(message.get("message") or "lifespan startup failed"))
            await self._flush()
        elif kind in {"lifespan.shutdown.complete", "lifespan.shutdown.failed"}:
            self._probe.exited(by="lifespan")
            await self._flush()
        await self._send(message)
        if kind == "lifespan.startup.complete":
            # The server binds when it has this message; where the port is older, that was told already.
            self._probe.listening()

    @guarded
    def _completed(self) -> None:
        self._over = True
        automatic = self._probe.auto_ready
        if automatic is None:
            automatic = self._life.claims_ready
        if automatic:
            self._probe.ready()

    @guarded
    def _failed(self, error: str | BaseException) -> None:
        self._over = True
        self._probe.failed(error=error)

    @guarded
    def _raised(self, error: BaseException) -> None:
        # An application that raises before it listens to lifespan does not speak it: no failure.
        if self._asked and not self._over:
            self._failed(error)

    async def _flush(self) -> None:
        """Here, since a server may end itself by a signal, or at once, and then nothing of Python runs."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._probe.flush(BLOCKING_FLUSH)
            return
        try:
            await loop.run_in_executor(None, self._probe.flush, SHUTDOWN_FLUSH)
        except Exception as error:  # noqa: BLE001 - an executor that is gone, or anything else
            trouble("lifespan flush", error)
