"""The outermost layer: believes our proxies and nobody else, and puts every path below the base path."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.urls import set_script_prefix

from dashboard.edge.forwarded import Networks, Told, seen, trusts

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Header = tuple[bytes, bytes]

HOST = b"host"
REQUEST_ID = b"x-request-id"
# Daphne would take the root path from whoever sends the last of these.
SPOOFABLE = (b"forwarded", b"x-forwarded", b"x-real-ip", b"true-client-ip", b"daphne-root-path")
SCHEMES = {
    ("http", False): "http",
    ("http", True): "https",
    ("websocket", False): "ws",
    ("websocket", True): "wss",
}


class Proxies:
    """Rewrites client, scheme, host and path of a scope; what follows needs to know of no proxy."""

    def __init__(self, app: App, *, trusted: Networks, family: str, base_path: str) -> None:
        """Take which peers are our proxies, which headers they write, and the path that all is below."""
        self.app = app
        self.trusted = trusted
        self.family = family
        self.base_path = base_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on as it was meant."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        # Django's handler does the same for requests; a live page renders links outside of any.
        set_script_prefix(f"{self.base_path}/")
        await self.app(self.rewritten(scope), receive, send)

    def rewritten(self, scope: Scope) -> Scope:
        """Return the scope as if there were no proxy."""
        headers = [(name.lower(), value) for name, value in scope["headers"]]
        peer = (scope.get("client") or ("",))[0] or ""
        trusted = trusts(peer, self.trusted)
        told = seen(peer, headers, self.trusted, self.family) if trusted else Told()
        return {
            **scope,
            "scheme": self._scheme(scope, told),
            "client": [told.client, 0] if told.client else scope.get("client"),
            "headers": list(_honest(headers, told, trusted=trusted)),
            "path": self._below(scope["path"]),
            "root_path": self.base_path,
        }

    def _scheme(self, scope: Scope, told: Told) -> str:
        own = scope.get("scheme") in ("https", "wss")
        return SCHEMES[scope["type"], own if told.secure is None else told.secure]

    def _below(self, path: str) -> str:
        # A proxy may strip the base path or not; both are the same address to us.
        inside = path == self.base_path or path.startswith(f"{self.base_path}/")
        return path if inside else self.base_path + path


def _honest(headers: list[Header], told: Told, *, trusted: bool) -> list[Header]:
    """Return the headers without what anybody could have made up, and with the host that was meant."""
    kept = [
        (name, value)
        for name, value in headers
        if not name.startswith(SPOOFABLE) and (trusted or name != REQUEST_ID)
    ]
    if told.host is None:
        return kept
    return [(HOST, told.host.encode()), *((name, value) for name, value in kept if name != HOST)]
