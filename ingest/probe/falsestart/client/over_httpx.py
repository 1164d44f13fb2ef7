"""`httpx_ws.connect_ws` and `aconnect_ws` with a report of the session."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib import import_module
from typing import Any

from falsestart.client.attempt import NO_FRAME, PARAMETER, Attempt
from falsestart.guard import guarded

# With these reasons the library itself closes a session whose stream is broken: nobody gets that frame.
BROKEN = frozenset({"Stream error", "Stream write error"})
KEEPALIVE = "Keepalive ping timeout"

Begin = Callable[[str], Attempt]


@contextmanager
def connect_ws(begin: Begin, url: str, client: Any = None, **options: Any) -> Iterator[Any]:  # noqa: ANN401
    """Enter a session of the library."""
    library = import_module("httpx_ws")
    attempt = begin(str(url))
    options = _watching(attempt, client, library.WebSocketSession, options)
    try:
        with library.connect_ws(attempt.url, client, **options) as session:
            yield session
    except BaseException as error:
        _left(attempt, error)
        raise
    finally:
        attempt.end(NO_FRAME)


@asynccontextmanager
async def aconnect_ws(
    begin: Begin,
    url: str,
    client: Any = None,  # noqa: ANN401 - the caller's
    **options: Any,
) -> AsyncIterator[Any]:
    """Enter a session of the library."""
    library = import_module("httpx_ws")
    attempt = begin(str(url))
    options = _watching(attempt, client, library.AsyncWebSocketSession, options)
    try:
        async with library.aconnect_ws(attempt.url, client, **options) as session:
            yield session
    except BaseException as error:
        _left(attempt, error)
        raise
    finally:
        attempt.end(NO_FRAME)


def _watching(attempt: Attempt, client: Any, kind: Any, options: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401
    """The caller's options with a session that is watched; `kind` is the library's own."""
    watched = _watched(options.get("session_class", kind), attempt)
    return _aimed(attempt, client, options) | {"session_class": watched}


def _aimed(attempt: Attempt, client: Any, options: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401
    """With parameters, the caller's or its client's, httpx drops the query of the URL: the id joins them."""
    params = options.get("params")
    if params is None and not getattr(client, "params", None):
        return options
    return options | {"params": import_module("httpx").QueryParams(params).set(PARAMETER, attempt.socket)}


def _watched(kind: Callable[..., Any], attempt: Attempt) -> Callable[..., Any]:
    def made(*arguments: Any, **more: Any) -> Any:  # noqa: ANN401 - the caller's own class
        session = kind(*arguments, **more)
        # The library makes a session once the server has answered 101.
        attempt.accept()
        observe(session.connection, attempt)
        return session

    return made


def _left(attempt: Attempt, error: BaseException) -> None:
    if not attempt.accepted:
        response = getattr(error, "response", None)
        attempt.refuse(error, getattr(response, "status_code", None))


@guarded
def observe(connection: Any, attempt: Attempt) -> None:  # noqa: ANN401 - wsproto's
    """Look at the close frames that pass through a connection: the first one is the end."""
    events, send = connection.events, connection.send

    def watched_events() -> Iterator[Any]:
        for event in events():
            if type(event).__name__ == "CloseConnection":
                attempt.end(int(event.code), event.reason)
            yield event

    def watched_send(event: Any) -> Any:  # noqa: ANN401 - wsproto's
        if type(event).__name__ == "CloseConnection":
            _closed_here(attempt, int(event.code), event.reason)
        return send(event)

    connection.events, connection.send = watched_events, watched_send


def _closed_here(attempt: Attempt, code: int, reason: str | None) -> None:
    if reason in BROKEN:
        attempt.end(NO_FRAME)
    else:
        attempt.end(code, reason, origin="keepalive" if reason == KEEPALIVE else "peer")
