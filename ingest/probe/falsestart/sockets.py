"""Watches one WebSocket between the server and the application; changes nothing that passes."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from falsestart import endings
from falsestart.endings import End
from falsestart.guard import guarded, trouble
from falsestart.life import Life
from falsestart.messages import App, Message, Receive, Scope, Send, header, path_of
from falsestart.servers import server_of
from falsestart.wording import NAME_LIMIT, clean, describe

if TYPE_CHECKING:
    from falsestart.probe import Probe

DRAIN_TIMEOUT = 0.05  # seconds to learn why a send failed, once the application is done
DRAIN_MESSAGES = 100  # messages looked through for that

ClientId = Callable[[Scope], str | None]


class SocketWatch:
    """One attempt, from the scope to the end of the application's coroutine."""

    __slots__ = (
        "_accepted_age",
        "_client",
        "_denied",
        "_end",
        "_ended_age",
        "_id",
        "_last",
        "_life",
        "_listed",
        "_opened_age",
        "_path",
        "_probe",
        "_receive",
        "_reported",
        "_scope",
        "_send",
        "_server",
        "_unread",
    )

    def __init__(self, probe: "Probe", life: Life, scope: Scope, receive: Receive, send: Send) -> None:
        """The age at entry is the opening's: on uvicorn the application runs before the handshake ends."""
        self._opened_age = life.boot.age()
        self._probe = probe
        self._life = life
        self._scope = scope
        self._receive = receive
        self._send = send
        self._accepted_age: float | None = None
        self._ended_age: float | None = None
        self._end: End | None = None
        self._server = server_of(receive, send)
        self._last: Message | None = None
        self._unread = False
        self._denied = False
        self._reported = False
        self._listed = False
        self._id: str | None = None
        self._client: str | None = None
        self._path = ""

    async def run(self, app: App, client_id: ClientId | None) -> None:
        """Run the application; what it raises leaves as it came."""
        self._opened(client_id)
        try:
            await app(self._scope, self.receive, self.send)
        except BaseException as error:
            self._raised(error)
            raise
        else:
            self._returned()
        finally:
            try:
                if self._unread:
                    await self._ask_why()
            finally:
                self._report()

    async def receive(self) -> Message:
        """The application's `receive`."""
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            self._disconnected(message)
        return message

    async def send(self, message: Message) -> None:
        """The application's `send`."""
        plain = message["type"] == "websocket.send"
        if not plain:
            self._before_send(message)
        try:
            await self._send(message)
        except Exception as error:
            # ASGI's way to say that the peer is gone is an OSError; Daphne has one of its own.
            if isinstance(error, OSError) or self._gone():
                self._not_sent(message, error)
            else:
                self._refused(message, error)
            raise
        if not plain:
            self._after_send(message)
        elif self._server.silent and self._end is None:
            self._sent_to_nobody()

    @guarded
    def _opened(self, client_id: ClientId | None) -> None:
        life = self._life
        life.moved(1)
        life.record_once("boot.listening", self._opened_age)
        self._id = life.socket_ids.next(self._scope.get("query_string", b""))
        self._path = path_of(self._scope)
        self._client = self._identify(client_id)
        self._listed = life.lists_opening(self._opened_age)
        if self._listed:
            life.record("socket.opened", self._opened_age, **self._names())
        else:
            life.count(("sockets.opened", None, None), self._client, self._opened_age)

    def _identify(self, client_id: ClientId | None) -> str | None:
        try:
            if client_id is not None:
                named = client_id(self._scope)
                return None if named is None else clean(str(named), NAME_LIMIT) or None
            host = (self._scope.get("client") or ("", 0))[0]
            return self._probe.client_id(host, header(self._scope, b"user-agent"))
        except Exception as error:  # noqa: BLE001 - the service's own function may raise anything
            trouble("client_id", error)
            return None

    def _names(self) -> dict[str, Any]:
        return {"socket": self._id, "client": self._client, "path": self._path}

    def _ended(self, end: End) -> None:
        if self._end is None:
            self._ended_age = self._life.boot.age()
            self._is_known(end, self._ended_age)

    def _is_known(self, end: End, age: float) -> None:
        self._end = end
        if end.origin == "server_shutdown":
            # Lifespan tells it only after the last socket is gone.
            self._life.record_once("boot.draining", age)

    def _as_told(self, message: Message) -> End:
        """The end that a disconnect tells, with what the server knows beyond it."""
        known = None
        try:
            known = self._server.end(message)
        except Exception as error:  # noqa: BLE001 - as in `_answer`
            trouble("servers", error)
        return endings.disconnected(message, known)

    def _gone(self) -> bool:
        return _answer(self._server.gone)

    @guarded
    def _disconnected(self, message: Message) -> None:
        if self._end is None:
            self._ended(self._as_told(message))

    @guarded
    def _before_send(self, message: Message) -> None:
        # Before, because awaiting the closing handshake may take seconds, and may fail.
        if self._end is not None:
            return
        if message["type"] == "websocket.close":
            self._last = message
            self._ended(endings.closed_by_app(message, accepted=self._accepted_age is not None))
        elif message["type"] == "websocket.http.response.start":
            self._last = message
            self._ended(endings.denied_by_app(message))

    @guarded
    def _after_send(self, message: Message) -> None:
        # Some servers take an accept after the client has left, and say nothing.
        if message["type"] == "websocket.accept" and self._accepted_age is None and not self._gone():
            self._accepted_age = self._life.boot.age()

    @guarded
    def _not_sent(self, message: Message, error: Exception) -> None:
        """The peer is gone: nothing that the application sends now gets there."""
        self._unread = self._end is None or message is self._last
        if self._unread:
            self._end = End(origin="network", reason=describe(error))
            self._ended_age = self._life.boot.age()

    @guarded
    def _refused(self, message: Message, error: Exception) -> None:
        """Daphne takes few close codes: what the application meant stays, with what became of it."""
        if self._end is None or message is not self._last:
            return
        # A code that may be sent is no mistake of the application's, though its server will not send it.
        self._denied = message["type"] == "websocket.close" and self._end.code in endings.SENDABLE
        if self._denied:
            said = f"not sent: {describe(error)}"
            reason = f"{self._end.reason}; {said}" if self._end.reason else said
            self._end = replace(self._end, reason=clean(reason))
        else:
            self._end = replace(self._end, exception=type(error).__name__)

    @guarded
    def _sent_to_nobody(self) -> None:
        if self._gone():
            self._ended(self._as_told({}))
            # An application that only sends may go on for ever: nothing else will tell.
            self._report()

    @guarded
    def _raised(self, error: BaseException) -> None:
        if self._end is None:
            stopping = self._life.told("boot.draining") or _answer(self._server.stopping)
            accepted, habits = self._accepted_age is not None, self._server.habits
            end = endings.raised(error, accepted=accepted, stopping=stopping, habits=habits)
            self._left(end)
        elif self._end.origin == "app_close" and not self._denied:
            self._end = replace(self._end, exception=type(error).__name__)
        # Whoever cancels must not wait, and a coroutine that is being closed cannot.
        self._unread = self._unread and isinstance(error, Exception)

    @guarded
    def _returned(self) -> None:
        if self._end is None:
            accepted, habits = self._accepted_age is not None, self._server.habits
            self._left(endings.returned(accepted=accepted, habits=habits))

    def _left(self, end: End) -> None:
        """The application is done, with `end` unless the connection was over before."""
        if self._gone():
            end = replace(self._as_told({}), exception=end.exception)
            self._unread = True
        self._ended(end)

    async def _ask_why(self) -> None:
        """Why the connection ended waits behind the last messages; the application will not read them."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return
        try:
            end = await asyncio.wait_for(self._next_disconnect(), DRAIN_TIMEOUT)
        except Exception:  # noqa: BLE001 - then it stays "the peer is gone"
            return
        if end is not None and self._end is not None and self._ended_age is not None:
            self._is_known(replace(end, exception=self._end.exception), self._ended_age)

    async def _next_disconnect(self) -> End | None:
        for _ in range(DRAIN_MESSAGES):
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                return self._as_told(message)
        return None

    @guarded
    def _report(self) -> None:
        if self._reported:
            return
        self._reported = True
        life, end = self._life, self._end
        life.moved(-1)
        if end is None or self._ended_age is None or life is not self._probe.life:
            return
        if end.expected and not self._listed:
            group = ("sockets.ended", end.code, end.origin)
            life.count(group, self._client, self._ended_age)
            return
        fields: dict[str, Any] = {
            **self._names(),
            "opened_age": self._opened_age,
            "accepted_age": self._accepted_age,
            "ended_age": self._ended_age,
            "code": end.code,
            "status": end.status,
            "origin": end.origin,
            "reason": end.reason,
            "exception": end.exception,
        }
        kind = "socket.ended" if end.status is None else "socket.rejected"
        if end.expected:
            life.record(kind, **fields)
        else:
            life.record_failure(kind, self._ended_age, listed=self._listed, fields=fields)


def _answer(question: Callable[[], bool]) -> bool:
    """What a server says, which another version of it may keep otherwise."""
    try:
        return question()
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not reach the host
        trouble("servers", error)
        return False
