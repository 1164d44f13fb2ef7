"""A Starlette application with the probe as its users install it."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from falsestart import Probe
from falsestart.asgi import FalsestartMiddleware
from starlette.applications import Starlette
from starlette.exceptions import HTTPException, WebSocketException
from starlette.middleware import Middleware
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

probe = Probe("starlette-chat")


async def raise_late(socket: WebSocket) -> None:
    await socket.accept()
    raise KeyError("session")


async def close(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close(1013, "later")


async def http_exception(_socket: WebSocket) -> None:
    raise HTTPException(401, "who are you?")


async def websocket_exception(_socket: WebSocket) -> None:
    raise WebSocketException(1008, "not you")


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    async for text in socket.iter_text():
        await socket.send_text(text)


@asynccontextmanager
async def lifespan(_app: Starlette) -> AsyncIterator[None]:
    with probe.phase("database"):
        if os.environ.get("LIFESPAN") == "raise":
            raise OSError("no database")
    yield


app = Starlette(
    routes=[
        WebSocketRoute("/raise-late", raise_late),
        WebSocketRoute("/close", close),
        WebSocketRoute("/http-exception", http_exception),
        WebSocketRoute("/websocket-exception", websocket_exception),
        WebSocketRoute("/echo", echo),
    ],
    middleware=[Middleware(FalsestartMiddleware, probe=probe)],
    lifespan=lifespan,
)
