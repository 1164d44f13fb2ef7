"""The outermost layer: what follows knows of no proxy, and nobody can pose as one."""

from ipaddress import ip_network
from typing import Any

import pytest
from django.urls import get_script_prefix, set_script_prefix

from dashboard.edge.forwarded import X_FORWARDED
from dashboard.edge.proxies import Proxies

PROXY, CLIENT = ("10.0.0.7", 4711), "203.0.113.9"
SPOOFED = [
    (b"X-Forwarded-For", b"203.0.113.9"),
    (b"X-Forwarded-Proto", b"https"),
    (b"X-Forwarded-Host", b"evil.example"),
    (b"X-Forwarded-Prefix", b"/evil"),
    (b"X-Forwarded-Ssl", b"on"),
    (b"X-Real-IP", b"203.0.113.9"),
    (b"Forwarded", b"for=203.0.113.9;proto=https"),
    (b"Daphne-Root-Path", b"/evil"),
    (b"X-Request-ID", b"made-up"),
    (b"Host", b"here.example"),
    (b"Accept", b"*/*"),
]


class Inner:
    """The application inside, which remembers what it was called with."""

    def __init__(self) -> None:
        self.scope: Any = None
        self.prefix = ""

    async def __call__(self, scope: Any, _receive: Any, _send: Any) -> None:
        self.scope, self.prefix = scope, get_script_prefix()


async def nothing(*_: Any) -> Any:
    """Neither asked nor told anything."""


async def through(base_path: str = "", **scope: Any) -> Inner:
    """What the application inside sees of a request."""
    inner = Inner()
    proxies = Proxies(inner, trusted=[ip_network("10.0.0.0/8")], family=X_FORWARDED, base_path=base_path)
    given = {"type": "http", "path": "/", "root_path": "/evil", "headers": [], "client": (CLIENT, 1), **scope}
    try:
        await proxies(given, nothing, nothing)
    finally:
        set_script_prefix("/")
    return inner


async def test_a_proxy_of_ours_is_believed() -> None:
    scope = (await through(client=PROXY, headers=SPOOFED)).scope
    assert (scope["client"], scope["scheme"]) == ([CLIENT, 0], "https")
    assert scope["headers"] == [
        (b"host", b"evil.example"),
        (b"x-request-id", b"made-up"),
        (b"accept", b"*/*"),
    ]


@pytest.mark.parametrize("client", [("203.0.113.9", 1), ("11.0.0.7", 1), None, (None, None)])
async def test_nobody_else_is_believed(client: Any) -> None:
    scope = (await through(client=client, headers=SPOOFED)).scope
    assert (scope["client"], scope["scheme"]) == (client, "http")
    assert scope["headers"] == [(b"host", b"here.example"), (b"accept", b"*/*")]


@pytest.mark.parametrize(
    ("kind", "own", "told", "scheme"),
    [
        ("http", None, b"https", "https"),
        ("http", "https", b"http", "http"),
        ("http", "https", b"", "https"),
        ("websocket", None, b"https", "wss"),
        ("websocket", None, b"wss", "wss"),
        ("websocket", "ws", b"", "ws"),
        ("websocket", "wss", b"", "wss"),
    ],
)
async def test_a_scheme_is_what_the_proxy_says_or_else_our_own(
    kind: str, own: str | None, told: bytes, scheme: str
) -> None:
    given = {} if own is None else {"scheme": own}
    headers = [(b"x-forwarded-for", b"203.0.113.9"), (b"x-forwarded-proto", told)]
    assert (await through(type=kind, client=PROXY, headers=headers, **given)).scope["scheme"] == scheme


@pytest.mark.parametrize(
    ("base", "path", "seen"),
    [
        ("", "/boots/x/", "/boots/x/"),
        ("", "/", "/"),
        ("/falsestart", "/falsestart/boots/x/", "/falsestart/boots/x/"),
        ("/falsestart", "/boots/x/", "/falsestart/boots/x/"),
        ("/falsestart", "/falsestart", "/falsestart"),
        ("/falsestart", "/falsestarting/", "/falsestart/falsestarting/"),
        ("/falsestart", "/", "/falsestart/"),
    ],
)
async def test_a_path_is_below_the_base_path_whether_the_proxy_strips_it_or_not(
    base: str, path: str, seen: str
) -> None:
    inner = await through(base, path=path)
    assert (inner.scope["path"], inner.scope["root_path"], inner.prefix) == (seen, base, f"{base}/")


async def test_what_is_no_request_passes_as_it_is() -> None:
    given = {"type": "lifespan"}
    inner = Inner()
    await Proxies(inner, trusted=[], family=X_FORWARDED, base_path="")(given, nothing, nothing)
    assert inner.scope is given
