"""A small service for real servers: the path says what happens to the socket."""

import asyncio
import os
import time
from urllib.parse import parse_qs

from falsestart import Contract, Probe
from falsestart.asgi import FalsestartMiddleware
from falsestart.messages import Message, Receive, Scope, Send

ACCEPT: Message = {"type": "websocket.accept"}
BLOCKED = 1.0  # seconds for which `/echo` holds the whole event loop when it is told to
SLOW = 1.0  # seconds that a slow startup takes
PHASES = ("database", "services")

probe = Probe("chat", contract=Contract(phases=PHASES, gate="services"))
released = asyncio.Event()


async def service(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await live(receive, send)
    elif scope["type"] == "http":
        released.set()
        await send({"type": "http.response.start", "status": 503, "headers": []})
        await send({"type": "http.response.body", "body": b""})
    else:
        await receive()
        await ENDINGS[scope["path"]](scope, receive, send)


async def live(receive: Receive, send: Send) -> None:
    """Lifespan, as `LIFESPAN` says: `raise`, `fail`, `slow`, `block`, `unready`, `import`, or in order."""
    await receive()
    manner = os.environ.get("LIFESPAN")
    if manner == "raise":
        raise OSError("no database")
    if manner == "fail":
        await send({"type": "lifespan.startup.failed", "message": "no database"})
        return
    for phase in () if manner in {"unready", "import"} else PHASES:
        async with probe.phase(phase):
            await asyncio.sleep(SLOW / 2 if manner == "slow" else 0)
            if manner == "block":
                time.sleep(SLOW / 2)  # noqa: ASYNC251 - the misbehaviour in question
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def raise_early(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise KeyError("session")


async def return_early(_scope: Scope, _receive: Receive, _send: Send) -> None:
    return


async def raise_late(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send(ACCEPT)
    raise KeyError("session")


async def close(scope: Scope, _receive: Receive, send: Send) -> None:
    await send(ACCEPT)
    code = parse_qs(scope["query_string"]).get(b"code", [])
    message: Message = {"type": "websocket.close", "reason": "why"}
    await send({**message, "code": int(code[0])} if code else {"type": "websocket.close"})


async def close_early(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "websocket.close", "code": 4001})


async def deny(scope: Scope, _receive: Receive, send: Send) -> None:
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1013})
        return
    headers = [(b"retry-after", b"1")]
    await send({"type": "websocket.http.response.start", "status": 503, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": b""})


async def leave(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send(ACCEPT)


async def hang(_scope: Scope, receive: Receive, _send: Send) -> None:
    """Never answer the handshake, but listen for the client's leaving."""
    while (await receive())["type"] != "websocket.disconnect":
        pass


async def stall(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """Deaf until any HTTP request releases it; then fail."""
    await released.wait()
    raise TimeoutError("no database")


async def echo(_scope: Scope, receive: Receive, send: Send) -> None:
    await send(ACCEPT)
    while (message := await receive())["type"] != "websocket.disconnect":
        if message.get("text") in TRICKS:
            await TRICKS[message["text"]]()
        await send({"type": "websocket.send", "text": message.get("text") or "bytes"})


async def farewell(_scope: Scope, receive: Receive, send: Send) -> None:
    """Read until the client is gone, and say goodbye to nobody."""
    await send(ACCEPT)
    while (await receive())["type"] != "websocket.disconnect":
        pass
    await send({"type": "websocket.send", "text": "goodbye"})


async def push(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send(ACCEPT)
    while True:
        await send({"type": "websocket.send", "text": "tick"})
        await asyncio.sleep(0.01)


async def fail() -> None:
    raise KeyError("session")


async def cancel() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    await asyncio.sleep(0)


async def block() -> None:
    time.sleep(BLOCKED)  # noqa: ASYNC251 - the misbehaviour in question


TRICKS = {"raise": fail, "cancel": cancel, "block": block}

ENDINGS = {
    "/raise-early": raise_early,
    "/return-early": return_early,
    "/raise-late": raise_late,
    "/close": close,
    "/close-early": close_early,
    "/deny": deny,
    "/leave": leave,
    "/hang": hang,
    "/stall": stall,
    "/echo": echo,
    "/farewell": farewell,
    "/push": push,
}

if os.environ.get("LIFESPAN") == "import":
    for name in PHASES:
        with probe.phase(name):
            pass

app = FalsestartMiddleware(service, probe)
