"""Which pages may open a socket."""

from typing import Any

import pytest

from dashboard.edge.origin import SameOrigin

HOSTS, TRUSTED = ["falsestart.example", ".inside.example", "localhost"], ["https://portal.example:8443"]


async def said(origin: str | None, host: str = "falsestart.example", scheme: str = "wss") -> list[str]:
    """What the handshake of a page is answered with."""
    answers: list[str] = []

    async def page(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        answers.append(message["type"].removeprefix("websocket."))

    headers = [(b"host", host.encode())] + ([(b"origin", origin.encode())] if origin is not None else [])
    scope = {"type": "websocket", "path": "/live/", "headers": headers, "scheme": scheme}
    await SameOrigin(page, hosts=HOSTS, trusted=TRUSTED)(scope, receive, send)
    return answers


@pytest.mark.parametrize(
    ("origin", "host", "scheme"),
    [
        ("https://falsestart.example", "falsestart.example", "wss"),
        ("https://falsestart.example", "falsestart.example:443", "wss"),
        ("https://FALSESTART.example:443", "falsestart.example", "wss"),
        ("http://localhost:8011", "localhost:8011", "ws"),
        ("https://a.inside.example", "a.inside.example", "wss"),
        ("https://portal.example:8443", "falsestart.example", "wss"),
    ],
)
async def test_our_own_pages_and_trusted_ones_may(origin: str, host: str, scheme: str) -> None:
    assert await said(origin, host, scheme) == ["accept"]


@pytest.mark.parametrize(
    ("origin", "host", "scheme"),
    [
        (None, "falsestart.example", "wss"),
        ("", "falsestart.example", "wss"),
        ("null", "falsestart.example", "wss"),
        ("https://evil.example", "falsestart.example", "wss"),
        ("https://falsestart.example.evil.example", "falsestart.example", "wss"),
        # Another program of the same host, and a page that came without TLS.
        ("http://localhost:3000", "localhost:8011", "ws"),
        ("http://falsestart.example", "falsestart.example", "wss"),
        ("https://portal.example", "falsestart.example", "wss"),
        # A name that leads here and is not ours.
        ("https://evil.example", "evil.example", "wss"),
        ("https://falsestart.example:port", "falsestart.example", "wss"),
        ("file://falsestart.example", "falsestart.example", "wss"),
    ],
)
async def test_no_other_page_may(origin: str | None, host: str, scheme: str) -> None:
    assert await said(origin, host, scheme) == ["close"]
