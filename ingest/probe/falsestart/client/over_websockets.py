"""`websockets.asyncio.client.connect` with a report of every connection that it makes."""

import functools
from collections.abc import Callable, Generator
from importlib import import_module
from typing import Any

from falsestart.client.attempt import Attempt, without_socket_id
from falsestart.guard import guarded

KEEPALIVE = "keepalive ping timeout"  # the reason in the frame that `websockets` sends then

Begin = Callable[[str], Attempt]


def connect(begin: Begin, uri: str, **options: Any) -> Any:  # noqa: ANN401 - the library's own class, or one like it
    """Return a `connect` of the library, to be awaited, entered or iterated over as ever."""
    return _reporting_connect()(begin, uri, **options)


@functools.cache
def _reporting_connect() -> type[Any]:
    """The class is made when it is needed: the library need not be installed."""
    library = import_module("websockets.asyncio.client")
    parse_uri = import_module("websockets.uri").parse_uri

    class Connect(library.connect):  # type: ignore[misc, name-defined]
        """Each time it connects, also when it connects again, that is an attempt of its own."""

        def __init__(self, begin: Begin, uri: str, **options: Any) -> None:
            make = options.pop("create_connection", None) or library.ClientConnection
            self._begin = begin
            self._attempt: Attempt | None = None
            self._made: Any = None
            super().__init__(uri, create_connection=self._watched(make), **options)

        def _watched(self, make: Callable[..., Any]) -> Callable[..., Any]:
            def made(*arguments: Any, **more: Any) -> Any:  # noqa: ANN401 - the caller's own class
                self._made = connection = make(*arguments, **more)
                if self._attempt is not None:
                    # One that was only redirected is over too; what counts is the connection after it.
                    self._attempt.forget_end()
                    observe(connection, self._attempt, lambda: self._made is connection)
                return connection

            return made

        def __await__(self) -> Generator[Any, None, Any]:
            given = self.uri
            attempt = self._attempt = self._begin(given)
            self._aim(attempt.url)
            try:
                connection = yield from super().__await__()
            except BaseException as error:
                response = getattr(error, "response", None)
                attempt.refuse(error, getattr(response, "status_code", None))
                raise
            finally:
                # A redirect may have led elsewhere; the next attempt has an id of its own.
                self._aim(without_socket_id(self.uri, attempt.socket) if self.uri != given else given)
            attempt.accept()
            return connection

        def _aim(self, uri: str) -> None:
            self.uri = uri
            # Versions before 15 parse it anew each time.
            if hasattr(self, "ws_uri"):
                self.ws_uri = parse_uri(uri)

    return Connect


@guarded
def observe(connection: Any, attempt: Attempt, counts: Callable[[], bool]) -> None:  # noqa: ANN401
    """Tell the end of an attempt when its connection is lost, if that one counts then."""
    lost = connection.connection_lost

    def connection_lost(error: Exception | None) -> None:
        lost(error)
        if counts():
            told(connection, attempt)

    # asyncio calls it on the instance, and once.
    connection.connection_lost = connection_lost


@guarded
def told(connection: Any, attempt: Attempt) -> None:  # noqa: ANN401 - a connection of the library
    """Read who closed, and how, off a connection that is closed."""
    protocol = connection.protocol
    received, sent = protocol.close_rcvd, protocol.close_sent
    if received is not None and protocol.close_rcvd_then_sent is not False:
        attempt.end(received.code, received.reason)
    elif sent is not None and sent.reason == KEEPALIVE:
        attempt.end(sent.code, sent.reason, origin="keepalive")
    elif received is not None:
        # This side closed first: its code is what the closing handshake was about.
        attempt.end(sent.code, sent.reason, origin="peer")
    else:
        # Lost without a frame from either side; or closed from here, and never answered.
        attempt.end(None, sent and sent.reason, origin=sent and "peer")
