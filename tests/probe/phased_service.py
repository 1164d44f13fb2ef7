"""An ASGI application whose phases are over when it is imported, for servers without lifespan."""

from falsestart import Contract, Probe
from falsestart.asgi import FalsestartMiddleware
from falsestart.messages import Message, Receive, Scope, Send

probe = Probe("chat", contract=Contract(phases=["database", "services"], gate="services"))

for name in ("database", "services"):
    with probe.phase(name):
        pass
probe.ready()


async def service(scope: Scope, receive: Receive, send: Send) -> None:
    """Say back what is said."""
    if scope["type"] != "websocket":
        raise RuntimeError("only sockets are served")
    accept: Message = {"type": "websocket.accept"}
    await receive()
    await send(accept)
    while (message := await receive())["type"] != "websocket.disconnect":
        await send({"type": "websocket.send", "text": message["text"]})


app = FalsestartMiddleware(service, probe)
