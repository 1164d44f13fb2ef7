"""The facade: one client, or one crowd of them, of one service."""

import os
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from functools import partial
from importlib import import_module
from typing import Any

from falsestart.client import over_httpx, over_websockets
from falsestart.client.attempt import Attempt
from falsestart.client.desk import EXIT_FLUSH, Desk
from falsestart.contract import is_name
from falsestart.guard import say_once
from falsestart.resource import Target, find_target


class Client:
    """Connects to a service and reports, as role `client`, what became of each WebSocket.

    Without an endpoint it is the libraries and nothing else. Whatever they raise, it raises, and no more.
    """

    def __init__(
        self,
        service: str,
        *,
        environment: str | None = None,
        release: str | None = None,
        instance: str | None = None,
        client: str | None = None,
        endpoint: str | None = None,
        key: str | None = None,
    ) -> None:
        """Name the *service that is talked to* as it names itself; what it is called here does not matter.

        `instance`: the only one that is talked to, where that is known. `client`: who the caller is, where
        its sockets are those of one user; without it each socket is a client of its own.
        """
        names = {
            "service.name": service,
            "service.version": release,
            "deployment.environment.name": environment,
            "service.instance.id": instance,
        }
        self._resource = {name: value for name, value in names.items() if value and is_name(value)}
        self._client = client
        self._target = self._find(endpoint, key)
        self._desk: Desk | None = None
        self._closed = False

    @property
    def enabled(self) -> bool:
        """Whether anything is reported."""
        return self._target is not None and not self._closed

    def connect(self, uri: str, **options: Any) -> Any:  # noqa: ANN401 - the library's
        """As `websockets.asyncio.client.connect`: to be awaited, entered or iterated over."""
        target = self._target
        if target is None or self._closed:
            return import_module("websockets.asyncio.client").connect(uri, **options)
        return over_websockets.connect(partial(self._begin, target), uri, **options)

    def connect_ws(
        self,
        url: str,
        client: Any = None,  # noqa: ANN401 - an `httpx.Client`
        **options: Any,
    ) -> AbstractContextManager[Any]:
        """As `httpx_ws.connect_ws`."""
        target = self._target
        if target is None or self._closed:
            plain: AbstractContextManager[Any] = import_module("httpx_ws").connect_ws(url, client, **options)
            return plain
        return over_httpx.connect_ws(partial(self._begin, target), url, client, **options)

    def aconnect_ws(
        self,
        url: str,
        client: Any = None,  # noqa: ANN401 - an `httpx.AsyncClient`
        **options: Any,
    ) -> AbstractAsyncContextManager[Any]:
        """As `httpx_ws.aconnect_ws`."""
        target = self._target
        if target is None or self._closed:
            plain: AbstractAsyncContextManager[Any] = import_module("httpx_ws").aconnect_ws(
                url, client, **options
            )
            return plain
        return over_httpx.aconnect_ws(partial(self._begin, target), url, client, **options)

    def flush(self, timeout: float = 5.0) -> bool:
        """Wait at most `timeout` seconds until the server has everything; whether it has."""
        desk = self._desk
        return desk is None or not desk.here or desk.sender.flush(timeout)

    def close(self, timeout: float = EXIT_FLUSH) -> None:
        """Send what is left, within `timeout` seconds, and report nothing more."""
        self._closed = True
        if self._desk is not None:
            self._desk.close(timeout)

    def _begin(self, target: Target, url: str) -> Attempt:
        desk = self._desk
        if desk is None or not desk.here:
            # A name is one process's: after a fork both would count their events from the same number.
            desk = self._desk = Desk(target, self._resource)
            if self._closed:
                desk.close(0.0)
        return Attempt(desk, url, desk.socket_id(), self._client)

    def _find(self, endpoint: str | None, key: str | None) -> Target | None:
        target = find_target(endpoint, key, os.environ)
        if isinstance(target, str):
            say_once("client-target", "this client reports nothing: %s", target)
        elif target is not None and "service.name" not in self._resource:
            say_once("client-service", "this client reports nothing: %s", "the service has no usable name")
            return None
        return target if isinstance(target, Target) else None
