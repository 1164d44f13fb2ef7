"""A Litestar application with the probe around it: what Litestar calls middleware never sees lifespan."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from falsestart import Contract, Probe
from falsestart.asgi import FalsestartMiddleware
from litestar import Litestar, WebSocket, websocket
from litestar.exceptions import NotAuthorizedException, WebSocketException

# Litestar answers an exception with 4500 in the application's name.
probe = Probe("litestar-chat", contract=Contract(codes={"4500": "application"}))


Socket = WebSocket[Any, Any, Any]


@websocket("/raise-late")
async def raise_late(socket: Socket) -> None:
    await socket.accept()
    raise KeyError("session")


@websocket("/close")
async def close(socket: Socket) -> None:
    await socket.accept()
    await socket.close(1013, "later")


@websocket("/http-exception")
async def http_exception(socket: Socket) -> None:  # noqa: ARG001 - Litestar wants the name
    raise NotAuthorizedException("who are you?")


@websocket("/websocket-exception")
async def websocket_exception(socket: Socket) -> None:  # noqa: ARG001 - Litestar wants the name
    raise WebSocketException(detail="not you", code=1008)


@websocket("/echo")
async def echo(socket: Socket) -> None:
    await socket.accept()
    async for text in socket.iter_data("text"):
        await socket.send_text(text)


@asynccontextmanager
async def lifespan(_app: Litestar) -> AsyncIterator[None]:
    with probe.phase("database"):
        if os.environ.get("LIFESPAN") == "raise":
            raise OSError("no database")
    yield


app = FalsestartMiddleware(
    Litestar([raise_late, close, http_exception, websocket_exception, echo], lifespan=[lifespan]), probe
)
