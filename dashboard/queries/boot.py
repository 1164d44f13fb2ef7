"""What a boot page shows. Twelve statements at most, each bounded."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet, Sum

from dashboard.queries.release import Judged, Normal, contracts_of, normal_of, phases_of
from dashboard.queries.rows import BootRow, CheckRow, EventRow, PhaseRow, SocketRow, TallyRow, read
from ingest.domain.words import Cause
from ingest.models import Boot, Check, Event, Socket, Tally

MOST_CHECKS = 200
MOST_FAILED = 200  # sockets
MOST_OTHERS = 500  # sockets
MOST_TALLIES = 200
MOST_EVENTS = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class SocketCounts:
    """How many sockets of a boot; a sample counts for all it stands for."""

    failed: int  # Unexpectedly.
    false_starts: int  # Of those.
    early: int  # Of those, opened before the gate.
    opened_early: int  # Opened before the gate, whatever became of them.


@dataclass(frozen=True, kw_only=True, slots=True)
class BootPage:
    """The whole page."""

    boot: BootRow
    phases: list[PhaseRow]
    checks: list[CheckRow]
    failed: list[SocketRow]  # In order of opening.
    counts: SocketCounts  # Of all sockets, however many are listed.
    others: list[SocketRow]  # Those that worked or are open, in order of opening.
    tallies: list[TallyRow]
    events: list[EventRow]  # The first of them, by age.
    contract: Judged | None
    normal: Normal | None


def boot(ident: str) -> BootPage | None:
    """Read the page of a boot by the reporter's id, or None where there is no such boot."""
    found = read(BootRow, Boot.objects.filter(ident=ident))
    if not found:
        return None
    row = found[0]
    return BootPage(
        boot=row,
        phases=phases_of([row.id]).get(row.id, []),
        checks=read(CheckRow, Check.objects.filter(boot=row.id).order_by("age", "pk")[:MOST_CHECKS]),
        failed=_sockets(row.id, failed=True, most=MOST_FAILED),
        counts=_counts(row.id),
        others=_sockets(row.id, failed=False, most=MOST_OTHERS),
        tallies=read(TallyRow, Tally.objects.filter(boot=row.id).order_by("from_age", "pk")[:MOST_TALLIES]),
        events=_events(row.id),
        contract=contracts_of([row]).get(row.id),
        normal=normal_of(row.release_id, row.environment_id),
    )


def boot_mark(ident: str) -> int:
    """Return the page's high mark."""
    return Boot.objects.filter(ident=ident).values_list("mark", flat=True).first() or 0


def _sockets(boot_id: int, *, failed: bool, most: int) -> list[SocketRow]:
    rows = Socket.objects.filter(boot=boot_id, cause="") if not failed else _failed(boot_id)
    return read(SocketRow, rows.order_by("opened_age", "pk")[:most])


def _counts(boot_id: int) -> SocketCounts:
    failed = ~Q(cause="") & Q(expected=False)
    asked = {
        "failed": failed,
        "false_starts": failed & Q(cause=Cause.FALSE_START),
        "early": failed & Q(before_gate=True),
        "opened_early": Q(before_gate=True),
    }
    sums = {name: Sum("stands_for", filter=which, default=0) for name, which in asked.items()}
    return SocketCounts(**Socket.objects.filter(boot=boot_id).aggregate(**sums))


def _failed(boot_id: int) -> "QuerySet[Socket]":
    return Socket.objects.filter(boot=boot_id).exclude(cause="")


def _events(boot_id: int) -> list[EventRow]:
    rows = Event.objects.filter(boot=boot_id).order_by("revision", "seq", "pk")
    return read(EventRow, rows[:MOST_EVENTS])
