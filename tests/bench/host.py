"""A service that says back what is said, with the probe around it where it has somewhere to report to."""

from falsestart import Probe
from falsestart.asgi import FalsestartMiddleware
from falsestart.messages import App, Receive, Scope, Send


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Accept, and send each message back."""
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] != "websocket.disconnect":
        await send({"type": "websocket.send", "text": message["text"]})


def app_of(probe: Probe) -> App:
    """As a service would do it; without a probe that reports, the application itself."""
    return FalsestartMiddleware(echo, probe) if probe.enabled else echo


app = app_of(Probe("echo"))
