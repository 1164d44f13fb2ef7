"""One WebSocket as a client sees it: from the attempt to its end, by wall clock."""

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

from falsestart.guard import guarded
from falsestart.messages import PATH_LIMIT
from falsestart.recorder import Event
from falsestart.wording import clean, describe

PARAMETER = "falsestart_socket"
NO_FRAME = 1006  # what a client says when it saw no close frame; never on the wire
CODES = range(1000, 5000)

_GIVEN = re.compile(rf"(?:^|&){PARAMETER}=([A-Za-z0-9._:-]{{1,128}})(?=&|$)")


class Events(Protocol):
    """Where events go."""

    def record(self, event: Event, *, vital: bool) -> None:
        """Queue one event."""


class Attempt:
    """Tells its opening at once, and then one end. `peer` as origin is this side, whoever reports it."""

    def __init__(self, events: Events, url: str, socket_id: str, client: str | None) -> None:
        """`url` as the caller gave it; `self.url` is what must be connected to."""
        self.url, self.socket = with_socket_id(url, socket_id)
        self.accepted = False
        self._events = events
        self._opened_at = datetime.now(UTC)
        self._opened = time.monotonic()
        self._accepted_at: str | None = None
        self._end: dict[str, Any] | None = None
        self._over = False
        self._names = {"socket": self.socket, "client": client, "path": path_of(url)}
        self._tell("socket.opened")

    @guarded
    def accept(self) -> None:
        """The handshake succeeded."""
        if self.accepted or self._over:
            return
        self.accepted = True
        self._accepted_at = self._now()
        if self._end is not None:
            self._finish("socket.ended", self._end)

    @guarded
    def refuse(self, error: BaseException, status: object = None) -> None:
        """There was no handshake: refused with an HTTP status, or broken, or given up."""
        # A caller that gives up is no failure of the server's: timeouts and errors are.
        origin = None if isinstance(error, Exception) else "peer"
        if isinstance(status, int) and 100 <= status <= 599:
            self._finish("socket.rejected", {"ended_at": self._now(), "status": status})
        else:
            reason = describe(error)
            end = {"ended_at": self._now(), "code": NO_FRAME, "origin": origin, "reason": reason}
            self._finish("socket.ended", end)

    @guarded
    def end(self, code: int | None, reason: str | None = None, origin: str | None = None) -> None:
        """It is over; only the first call counts. Without a close frame the code is None, or 1006."""
        if self._end is not None:
            return
        self._end = {
            "ended_at": self._now(),
            "code": code if code in CODES else NO_FRAME,
            "origin": origin,
            "reason": clean(reason) if reason else None,
        }
        # A connection may be lost before the caller was told that it is there.
        if self.accepted:
            self._finish("socket.ended", self._end)

    @guarded
    def forget_end(self) -> None:
        """What ended was not it after all: a redirect leads on."""
        if not self.accepted:
            self._end = None

    def _finish(self, kind: str, end: dict[str, Any]) -> None:
        if not self._over:
            self._over = True
            self._tell(kind, accepted_at=self._accepted_at, **end)

    def _tell(self, kind: str, **fields: object) -> None:
        opened_at = stamp(self._opened_at)
        event = {"seq": 0, "kind": kind, **self._names, "opened_at": opened_at, **fields}
        self._events.record(event, vital=kind != "socket.opened")

    def _now(self) -> str:
        # The difference is monotonic: a clock that is set meanwhile must not end a socket before it began.
        return stamp(self._opened_at + timedelta(seconds=time.monotonic() - self._opened))


def stamp(moment: datetime) -> str:
    """A UTC moment with microseconds and `Z`."""
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def with_socket_id(url: str, socket_id: str) -> tuple[str, str]:
    """The URL with the id in its query, and the id: the caller's own, where there is a usable one."""
    try:
        parts = urlsplit(url)
    except ValueError:
        # The library will say what is wrong with it.
        return url, socket_id
    if given := _GIVEN.search(parts.query):
        return url, given.group(1)
    query = f"{parts.query}&{PARAMETER}={socket_id}".lstrip("&")
    return urlunsplit(parts._replace(query=query)), socket_id


def without_socket_id(url: str, socket_id: str) -> str:
    """The URL as it was before an id of ours was added."""
    for added in (f"&{PARAMETER}={socket_id}", f"?{PARAMETER}={socket_id}"):
        url = url.replace(added, "")
    return url


def path_of(url: str) -> str:
    """The path without the query, which may carry tokens."""
    try:
        return urlsplit(url).path[:PATH_LIMIT] or "/"
    except ValueError:
        return "/"
