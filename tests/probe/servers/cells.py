"""One cell of the tables: what is done to a socket on a server, what its client sees, what is told."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.probe.collector import Collector
from tests.probe.processes import Server
from tests.probe.servers.wire import ORIGIN, STILL_OPEN, Wire

Event = dict[str, Any]
Cell = tuple[str, Event]  # what the client sees, what is told
Act = Callable[[Wire], Awaitable[None]]

GRANIAN_SAYS = "Granian tells a close frame without a code and a lost connection alike"
VARYING = {"seq", "socket", "client", "path", "opened_age", "ended_age"}

_ids = count()


async def nothing(_wire: Wire) -> None:
    """Only wait for what the server does."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One way for a socket to end."""

    path: str
    """What the application does."""
    act: Act = nothing
    """What the client does."""
    seen: str
    """What the client sees on most servers."""
    told: Event
    """What the probe tells on most servers."""
    but: Mapping[str, Cell] = field(default_factory=dict)
    """The servers on which it is otherwise, by name or by their program."""
    origin: str = ORIGIN
    """The page that the client belongs to."""

    def on(self, server: str) -> Cell:
        """What is expected on a server."""
        program = server.split(maxsplit=1)[0]
        return self.but.get(server, self.but.get(program, (self.seen, self.told)))


def rejected(status: int, origin: str, **fields: Any) -> Event:
    return {"kind": "socket.rejected", "status": status, "origin": origin, **fields}


def ended(origin: str, **fields: Any) -> Event:
    """The end of an accepted socket."""
    return {"kind": "socket.ended", "accepted": True, "origin": origin, **fields}


def given_up(origin: str, **fields: Any) -> Event:
    """The end of an attempt that was never answered."""
    return {"kind": "socket.ended", "accepted": False, "origin": origin, **fields}


def not_sent_by_daphne(code: int) -> str:
    """Its words for a code that it does not take."""
    return f"not sent: Exception: invalid close code {code} (must be 1000 or from [3000, 4999])"


def ending(collector: Collector, socket: str) -> Event:
    """What was told about the end of one socket."""
    (event,) = collector.wait_for_end(socket)
    return told_by(event)


def told_by(event: Event) -> Event:
    """An end without what differs from run to run."""
    told = {name: value for name, value in event.items() if name not in VARYING}
    accepted = told.pop("accepted_age", None) is not None
    return told if told["kind"] == "socket.rejected" else {**told, "accepted": accepted}


def new_id() -> str:
    return f"t-{next(_ids)}"


def named(path: str, socket: str) -> str:
    """The path with the id by which the socket's events are found."""
    return f"{path}{'&' if '?' in path else '?'}falsestart_socket={socket}"


async def cell(server: Server, collector: Collector, row: Row, *, stays: bool) -> Cell:
    """Do it; `stays` says to look whether the server goes on with the socket after the end was told."""
    socket = new_id()
    async with Wire(server.port, named(row.path, socket), origin=row.origin) as wire:
        await row.act(wire)
        seen = "" if stays else await wire.end()
        told = await asyncio.to_thread(ending, collector, socket)
        return await wire.is_open() if stays else seen, told


async def cells(name: str, server: Server, collector: Collector, rows: Mapping[str, Row]) -> dict[str, Cell]:
    """All rows on one server at once."""
    waiting = [cell(server, collector, row, stays=row.on(name)[0] == STILL_OPEN) for row in rows.values()]
    return dict(zip(rows, await asyncio.gather(*waiting), strict=True))


def expected(name: str, rows: Mapping[str, Row]) -> dict[str, Cell]:
    return {what: row.on(name) for what, row in rows.items()}
