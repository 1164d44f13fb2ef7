"""The chat itself: rooms full of sockets, and the supervisor that answers for all of them."""

import asyncio
import json
import sqlite3
from collections import defaultdict
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]


class Rooms:
    """Who is in which room. A member is the `send` of its socket."""

    def __init__(self) -> None:
        self._members: defaultdict[str, set[Send]] = defaultdict(set)

    def join(self, room: str, member: Send) -> None:
        self._members[room].add(member)

    def leave(self, room: str, member: Send) -> None:
        self._members[room].discard(member)
        if not self._members[room]:
            del self._members[room]

    async def broadcast(self, room: str, text: str) -> None:
        """Send `text` to everybody in the room. One member's dead connection is not the others' trouble."""
        message: Message = {"type": "websocket.send", "text": text}
        members = tuple(self._members.get(room, ()))
        await asyncio.gather(*(member(message) for member in members), return_exceptions=True)


class Supervisor:
    """Stores every message and passes it on. Without it a socket has nobody to talk to."""

    def __init__(self, history: sqlite3.Connection, rooms: Rooms) -> None:
        self._history = history
        self._rooms = rooms

    async def converse(self, room: str, receive: Receive, send: Send) -> None:
        """Serve one accepted socket until it disconnects."""
        self._rooms.join(room, send)
        try:
            while (message := await receive())["type"] == "websocket.receive":
                await self.say(room, message.get("text") or "")
        finally:
            self._rooms.leave(room, send)

    async def say(self, room: str, text: str) -> int:
        """Store a message, pass it on to its room, and return its number."""
        with self._history:
            number = self._history.execute(
                "INSERT INTO message (room, text) VALUES (?, ?)", (room, text)
            ).lastrowid
        await self._rooms.broadcast(room, json.dumps({"number": number, "room": room, "text": text}))
        return number or 0
