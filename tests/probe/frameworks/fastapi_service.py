"""A FastAPI application with the probe as its users install it."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from falsestart import Probe
from falsestart.asgi import FalsestartMiddleware
from fastapi import Depends, FastAPI, HTTPException, WebSocket, WebSocketException

probe = Probe("fastapi-chat")


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    with probe.phase("database"):
        if os.environ.get("LIFESPAN") == "raise":
            raise OSError("no database")
    yield


app = FastAPI(lifespan=lifespan)
app.add_middleware(FalsestartMiddleware, probe=probe)  # the last one that is added is the outermost


async def authenticated() -> str:
    raise HTTPException(401, "who are you?")


async def admitted() -> str:
    raise WebSocketException(1008, "not you")


@app.websocket("/raise-late")
async def raise_late(socket: WebSocket) -> None:
    await socket.accept()
    raise KeyError("session")


@app.websocket("/close")
async def close(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close(1013, "later")


@app.websocket("/http-exception")
async def http_exception(socket: WebSocket, _user: Annotated[str, Depends(authenticated)]) -> None:
    await socket.accept()


@app.websocket("/websocket-exception")
async def websocket_exception(socket: WebSocket, _user: Annotated[str, Depends(admitted)]) -> None:
    await socket.accept()


@app.websocket("/echo")
async def echo(socket: WebSocket) -> None:
    await socket.accept()
    async for text in socket.iter_text():
        await socket.send_text(text)
