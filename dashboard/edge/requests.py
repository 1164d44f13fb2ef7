"""Every request and socket leaves a line, with an id that its other lines and its answer carry too."""

import logging
import re
import secrets
import time
from collections.abc import Callable, MutableMapping
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse

from dashboard.edge.proxies import REQUEST_ID, App, Receive, Scope, Send
from dashboard.logs.lines import context

NOTED = "falsestart.noted"  # the key of a scope under which its line's fields are gathered
QUIET = ("/static/", "/healthz", "/readyz", "/api/v1/batches")  # told only where they do not go well
GIVEN = re.compile(rb"[A-Za-z0-9._:+/=@-]{1,128}")

log = logging.getLogger("falsestart.request")


def note(carrier: object, **fields: object) -> None:
    """Add fields to the line of a request (or a scope); nothing happens outside of a server."""
    scope = carrier if isinstance(carrier, dict) else getattr(carrier, "scope", {})
    scope.get(NOTED, {}).update(fields)


def note_user(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Django middleware that notes who is signed in, where the request found out anyway."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        # To ask `request.user` would read the session and the user for requests that need neither.
        user = request.__dict__.get("_cached_user")
        if user is not None and user.is_authenticated:
            note(request, user=user.get_username())
        return response

    return middleware


class RequestLog:
    """Gives each request an id and writes its line when it is over."""

    def __init__(self, app: App) -> None:
        """Take what answers."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request or a socket on, and tell how it went."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        record = _Record(scope)
        token = context.set({"request_id": record.ident})
        try:
            if scope["type"] == "http":
                await self._request(record, receive, send)
            else:
                await self._socket(record, receive, send)
        finally:
            context.reset(token)

    async def _request(self, record: "_Record", receive: Receive, send: Send) -> None:
        async def answering(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                record.status = message["status"]
                headers = [*message.get("headers", ()), (REQUEST_ID, record.ident.encode())]
                message = {**message, "headers": headers}
            await send(message)

        try:
            await self.app(record.scope, receive, answering)
        finally:
            method = record.scope["method"]
            level = _level(record)
            log.log(
                level, "%s %s %s", method, record.path, record.status or "unanswered", extra=record.fields()
            )

    async def _socket(self, record: "_Record", receive: Receive, send: Send) -> None:
        async def heard() -> MutableMapping[str, Any]:
            message = await receive()
            if message["type"] == "websocket.disconnect" and record.code is None:
                record.code, record.by = message.get("code"), "peer"
            return message

        async def said(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "websocket.accept":
                record.accepted = True
                log.info("socket %s opened", record.path, extra=record.fields())
            elif message["type"] == "websocket.close" and record.code is None:
                record.code, record.by = message.get("code", 1000), "server"
            await send(message)

        try:
            await self.app(record.scope, heard, said)
        finally:
            how = "ended" if record.accepted else "refused"
            log.info("socket %s %s", record.path, how, extra=record.fields())


class _Record:
    """What is known of a request or socket so far."""

    def __init__(self, scope: Scope) -> None:
        self.began = time.perf_counter()
        self.noted: dict[str, object] = {}
        self.scope: Scope = {**scope, NOTED: self.noted}
        self.ident = _ident(scope)
        # Quoted, since a line break in a path would begin a line of its own; and without its query, which
        # may carry a key.
        self.path = quote(scope["path"])
        self.status: int | None = None
        self.code: int | None = None
        self.by = ""
        self.accepted = False

    def fields(self) -> dict[str, object]:
        """Return the fields of its line so far; what is not known is left out."""
        http = self.scope["type"] == "http"
        found = {
            "method": self.scope["method"] if http else None,
            "path": self.path,
            "status": self.status,
            "code": self.code,
            "closed_by": self.by or None,
            "duration_ms": round(1000 * (time.perf_counter() - self.began), 1),
            "peer": (self.scope.get("client") or (None,))[0],
            **self.noted,
        }
        return {name: value for name, value in found.items() if value is not None}


def _ident(scope: Scope) -> str:
    given = next((value for name, value in scope["headers"] if name == REQUEST_ID), b"")
    return given.decode() if GIVEN.fullmatch(given) else secrets.token_hex(8)


def _level(record: _Record) -> int:
    status = record.status
    if status is not None and status >= 500:
        return logging.WARNING
    inner = record.scope["path"].removeprefix(record.scope.get("root_path", ""))
    well = status is not None and status < 400
    return logging.DEBUG if well and inner.startswith(QUIET) else logging.INFO
