"""Only our own pages open our sockets: a browser would send the session's cookie from anywhere."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from django.http.request import split_domain_port, validate_host

from dashboard.edge.proxies import App, Receive, Scope, Send

PORTS = {"http": 80, "https": 443}

Origin = tuple[str, str, int | None]  # scheme, host, port


def origin_of(text: str) -> Origin | None:
    """Return an origin's parts, its default port filled in; None for what is none."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in PORTS or not parts.hostname:
        return None
    return parts.scheme, parts.hostname, port or PORTS[parts.scheme]


class SameOrigin:
    """Refuses the handshake of a page that is neither ours nor of a trusted origin."""

    def __init__(self, app: App, *, hosts: Sequence[str], trusted: Sequence[str]) -> None:
        """Take the host names that are ours, and other origins that may come too."""
        self.app = app
        self.hosts = hosts
        self.trusted = {origin_of(origin) for origin in trusted}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the handshake on, or deny it with 403."""
        if self.allows(scope):
            await self.app(scope, receive, send)
        else:
            # Before anything is asked of the channel layer, which may be away.
            await send({"type": "websocket.close"})

    def allows(self, scope: Scope) -> bool:
        """Tell whether the page that opens the socket may; one that does not say where it is from may not."""
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        origin, host = origin_of(headers.get(b"origin", "")), headers.get(b"host", "")
        if origin is None or not validate_host(split_domain_port(host)[0], list(self.hosts)):
            return False
        own = origin_of(f"{'https' if scope['scheme'] == 'wss' else 'http'}://{host}")
        return origin == own or origin in self.trusted
