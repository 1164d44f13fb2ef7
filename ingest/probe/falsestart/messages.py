"""ASGI's types, and what the probe reads out of a scope."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

PATH_LIMIT = 500  # characters of a path that are kept

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]  # every framework types the three in its own way


def header(scope: Scope, name: bytes) -> str:
    """The first value of a header, by its lower-case name; empty when there is none."""
    for key, value in scope.get("headers", ()):
        if key.lower() == name:
            return bytes(value).decode("latin-1")
    return ""


def path_of(scope: Scope) -> str:
    """The path without the query, which may carry tokens."""
    path = str(scope.get("path", ""))
    return path.partition("?")[0][:PATH_LIMIT]
