"""The chat back end as an ASGI application.

    uvicorn examples.chat.app:app

RELEASE (r1 to r6, default r5) chooses the release, INSTANCE names the process, and FALSESTART_ENDPOINT and
FALSESTART_KEY say where the probe reports to. Without an endpoint it stays silent. FALSESTART_CLIENT_KEY is
for the page at /, whose sockets report what the browser saw.
"""

import asyncio
import json
import logging
import os
from urllib.parse import parse_qs

from falsestart import Probe
from falsestart.asgi import FalsestartMiddleware

from . import page
from .chat import Message, Receive, Send
from .releases import RELEASES
from .startup import CONTRACT, State, start

log = logging.getLogger("uvicorn.error")


class Chat:
    """WebSockets at /ws/chat, /health and a page over HTTP, and the boot in the lifespan."""

    def __init__(self, name: str, probe: Probe) -> None:
        self.name = name
        self.release = RELEASES[name]
        self.probe = probe
        self.state = State()
        self.booting: asyncio.Task[None] | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.live(receive, send)
            return
        if self.booting is None:
            # Daphne runs no lifespan: whoever knocks first wakes the service.
            self.booting = asyncio.create_task(self.boot())
        if scope["type"] == "http":
            await self.answer(scope, send)
        elif scope["path"] == "/ws/chat":
            await self.talk(scope, receive, send)
        else:
            await send({"type": "websocket.close"})

    async def live(self, receive: Receive, send: Send) -> None:
        await receive()
        boot = self.booting = asyncio.create_task(self.boot())
        if not self.release.listens_first:
            await asyncio.wait([boot])
            if error := boot.exception():
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        boot.cancel()
        await asyncio.wait([boot])
        self.state.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def boot(self) -> None:
        try:
            await start(self.state, self.probe, self.release.connect)
        except TimeoutError as error:
            if not self.release.serves_without_database:
                raise
            log.error("startup failed: %s", error)
            self.probe.failed(error=str(error))
        log.info("startup complete")
        self.probe.ready()

    async def answer(self, scope: Message, send: Send) -> None:
        """Say that the process is alive: all that most health checks ask, and nothing about sockets."""
        if scope["path"] in page.PATHS:
            await page.serve(scope, self.name, send)
            return
        found = scope["path"] == "/health"
        body = {"status": "ok", "chat": self.state.can_chat} if found else {"status": "not found"}
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200 if found else 404, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(body).encode()})

    async def talk(self, scope: Message, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        refusal = self.release.at_the_door(self.state, self.probe)
        if refusal:
            await send({"type": "websocket.close", "code": refusal.code, "reason": refusal.reason})
            return
        room = parse_qs(scope["query_string"].decode()).get("room", ["lobby"])[0]
        await self.state.supervisor.converse(room, receive, send)


name = os.environ.get("RELEASE", "r5")
probe = Probe(
    service="chat-backend",
    environment="demo",
    release=name,
    instance=os.environ.get("INSTANCE"),
    contract=CONTRACT,
)
app = FalsestartMiddleware(Chat(name, probe), probe)
