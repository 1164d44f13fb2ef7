"""Openings and expected ends of a settled service, counted over windows instead of listed."""

from dataclasses import dataclass, field
from typing import Any

WINDOW = 10.0  # seconds
CLIENT_LIMIT = 10_000  # distinct clients remembered in one window; beyond it their number is not told

Group = tuple[str, int | None, str | None]  # kind, close code, origin


@dataclass(slots=True)
class _Tally:
    count: int = 0
    clients: set[str] | None = field(default_factory=set)


class Tallies:
    """Counts of one window at a time. The caller holds the lock."""

    def __init__(self) -> None:
        """Start with nothing counted."""
        self._from_age: float | None = None
        self._tallies: dict[Group, _Tally] = {}

    def count(self, group: Group, client: str | None, age: float) -> None:
        """Count one socket; `age` in seconds opens the window when it is the first."""
        if self._from_age is None:
            self._from_age = age // WINDOW * WINDOW
        tally = self._tallies.setdefault(group, _Tally())
        tally.count += 1
        if tally.clients is None or client is None:
            return
        tally.clients.add(client)
        if len(tally.clients) > CLIENT_LIMIT:
            tally.clients = None

    def close(self, age: float, *, partly: bool = False) -> list[dict[str, Any]]:
        """The events of the window if it is over at `age`, or of what there is of it if `partly`."""
        start = self._from_age
        if start is None or (age < start + WINDOW and not partly):
            return []
        # Counts keep arriving until the thread gets here: the window ends where the last of them may be.
        end = max(age, start) if partly or age > start + WINDOW else start + WINDOW
        events = [_event(group, tally, start, end) for group, tally in self._tallies.items()]
        self._from_age = None
        self._tallies = {}
        return events


def _event(group: Group, tally: _Tally, start: float, end: float) -> dict[str, Any]:
    kind, code, origin = group
    event: dict[str, Any] = {"kind": kind, "from_age": start, "to_age": end, "count": tally.count}
    if tally.clients:
        event["clients"] = len(tally.clients)
    if code is not None:
        event["code"] = code
    if origin is not None:
        event["origin"] = origin
    return event
