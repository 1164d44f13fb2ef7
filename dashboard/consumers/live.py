"""The socket of a page: joins its group, sends the page as it stands, then what changes."""

import asyncio
import contextlib
import logging
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs

import msgspec
from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from dashboard.consumers.layer import AWAY
from dashboard.consumers.topics import Topics
from dashboard.edge.requests import note
from dashboard.pages.page import Source
from dashboard.pages.sources import source_of
from ingest.domain.people import Right, may
from ingest.live import Changed
from ingest.store.people import role_of

SIGNED_OUT = 4401  # close code: the session is gone, sign in again
NOT_ALLOWED = 4403  # close code: the account has no role, or no longer one that may look
NO_SUCH_PAGE = 4404  # close code: no live page has this path
GUARD_INTERVAL = 5.0  # s between two looks at the session, the role and the group

topics = Topics()
logger = logging.getLogger(__name__)


class LiveConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """One viewer of one page."""

    guard_interval = GUARD_INTERVAL
    source: Source | None = None
    guard: asyncio.Task[None] | None = None
    joined = False

    async def connect(self) -> None:
        """Accept first, since a refused handshake cannot tell the browser why."""
        await self.accept()
        if (refusal := await self._refusal()) is not None:
            await self.close(code=refusal)
            return
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        source = source_of(query.get("page", [""])[0])
        if source is None:
            await self.close(code=NO_SUCH_PAGE)
            return
        # Group first, then the page: what changes in between is told twice and not never.
        self.source = source
        await self._join_group()
        if not await topics.of(source).join(self._send):
            await self.close(code=NO_SUCH_PAGE)
            return
        self.guard = asyncio.create_task(self._watch())

    async def disconnect(self, code: int) -> None:  # noqa: ARG002 - the framework's signature
        """Leave group and topic."""
        if self.guard:
            self.guard.cancel()
        if self.source is None:
            return
        topics.leave(self.source, self._send)
        if self.joined:
            with contextlib.suppress(*AWAY):
                await self.channel_layer.group_discard(self.source.group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Answer the only thing a browser asks for: `{"type": "snapshot"}`."""
        try:
            asked = msgspec.json.decode(text_data or bytes_data or b"")
        except msgspec.DecodeError:
            return
        if self.source and isinstance(asked, dict) and asked.get("type") == "snapshot":
            await topics.of(self.source).show(self._send)

    async def live_changed(self, message: Changed) -> None:  # noqa: ARG002 - a hint; the rows are the promise
        """Hear that a row of the page changed."""
        if self.source:
            topics.of(self.source).touch()

    async def _send(self, text: str) -> None:
        await self.send(text_data=text)

    async def _join_group(self) -> None:
        if self.source is None or self.joined:
            return
        try:
            await self.channel_layer.group_add(self.source.group, self.channel_name)
            self.joined = True
        except AWAY as error:
            # Without hints the page still follows the marks, which come from the database.
            logger.warning("No hints for a live page (%s)", type(error).__name__)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self.guard_interval)
            await self._join_group()
            if (refusal := await self._refusal()) is not None:
                await self.close(code=refusal)
                return

    async def _refusal(self) -> int | None:
        """Ask the database and not the scope: session and role may have ended since."""
        session = self.scope.get("session")
        if session is None or not session.session_key:
            return SIGNED_OUT
        store: Any = import_module(settings.SESSION_ENGINE)
        user = await get_user({"session": store.SessionStore(session.session_key)})
        note(self.scope, user=user.get_username())
        if not user.is_authenticated:
            return SIGNED_OUT
        role = await database_sync_to_async(role_of)(user)
        return None if may(role, Right.READ) else NOT_ALLOWED
