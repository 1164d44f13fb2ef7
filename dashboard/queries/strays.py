"""Sockets that only their clients saw, and that no single boot can be found for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from dashboard.queries.rows import BootRow, SocketRow, read
from ingest.domain.causes import candidates_in
from ingest.models import Socket

MOST_STRAYS = 500  # looked at, newest first
SLACK = timedelta(seconds=1)  # by which a client's clock may be ahead of a boot's


@dataclass(frozen=True, kw_only=True, slots=True)
class StrayRow:
    """A socket without a boot, and the boots that it may belong to, by the reporter's id."""

    socket: SocketRow
    candidates: tuple[str, ...]


def strays_of(environment_id: int, boots: Sequence[BootRow]) -> list[StrayRow]:
    """Read the failed strays that may belong to one of these boots, or came when they lived and to none.

    Newest first; all boots are of the environment.
    """
    if not boots:
        return []
    first = min(boot.started_at for boot in boots) - SLACK
    last = max(boot.last_seen_at for boot in boots) + SLACK
    rows = Socket.objects.filter(environment=environment_id, boot=None, opened_at__gte=first)
    rows = rows.exclude(cause="").order_by("-opened_at", "-pk")[:MOST_STRAYS]
    ours = {boot.ident for boot in boots}
    found = [StrayRow(socket=row, candidates=candidates_in(row.evidence)) for row in read(SocketRow, rows)]
    return [
        row
        for row in found
        if ours.intersection(row.candidates) or (not row.candidates and row.socket.opened_at <= last)
    ]
