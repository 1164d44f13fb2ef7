"""A small service for real servers: the path says what happens to the socket."""

import asyncio
import os
from urllib.parse import parse_qs

from falsestart import Contract, Probe
from falsestart.asgi import FalsestartMiddleware
from falsestart.messages import Message, Receive, Scope, Send

ACCEPT: Message = {"type": "websocket.accept"}

probe = Probe("chat", contract=Contract(phases=["database", "services"], gate="services"))


async def service(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await live(receive, send)
    elif scope["type"] == "http":
        await send({"type": "http.response.start", "status": 503, "headers": []})
        await send({"type": "http.response.body", "body": b""})
    else:
        await receive()
        await ENDINGS[scope["path"]](scope, receive, send)


async def live(receive: Receive, send: Send) -> None:
    await receive()
    if os.environ.get("FAIL"):
        await send({"type": "lifespan.startup.failed", "message": "no database"})
        return
    for phase in ("database", "services"):
        async with probe.phase(phase):
            await asyncio.sleep(0)
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def raise_early(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise KeyError("session")


async def raise_late(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send(ACCEPT)
    raise KeyError("session")


async def close(scope: Scope, _receive: Receive, send: Send) -> None:
    await send(ACCEPT)
    code = int(parse_qs(scope["query_string"])[b"code"][0])
    await send({"type": "websocket.close", "code": code, "reason": "why"})


async def close_early(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "websocket.close", "code": 4001})


async def deny(_scope: Scope, _receive: Receive, send: Send) -> None:
    headers = [(b"retry-after", b"1")]
    await send({"type": "websocket.http.response.start", "status": 503, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": b""})


async def leave(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send(ACCEPT)


async def echo(_scope: Scope, receive: Receive, send: Send) -> None:
    await send(ACCEPT)
    while (message := await receive())["type"] != "websocket.disconnect":
        await send({"type": "websocket.send", "text": message["text"]})


async def push(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send(ACCEPT)
    while True:
        await send({"type": "websocket.send", "text": "tick"})
        await asyncio.sleep(0.01)


ENDINGS = {
    "/raise-early": raise_early,
    "/raise-late": raise_late,
    "/close": close,
    "/close-early": close_early,
    "/deny": deny,
    "/leave": leave,
    "/echo": echo,
    "/push": push,
}

app = FalsestartMiddleware(service, probe)
