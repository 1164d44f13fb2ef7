"""The tables of a release page: causes, boots, and the twins of its figures."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.figures.ages import binned
from dashboard.figures.numbers import age, duration
from dashboard.pages.page import Cell, Twin, number
from dashboard.queries.release import CauseCount, ReleasePage
from dashboard.queries.rows import BootRow, PhaseRow, SocketRow
from dashboard.templatetags.falsestart import STATE_WORDS, spaced

MOST_CODES = 4
MOST_PHASES = 3
NO_PHASE = {True: "before any phase", False: "nothing"}


@dataclass(frozen=True, kw_only=True, slots=True)
class CauseRow:
    """One cause as the table shows it."""

    cause: str
    expected: bool
    count: int
    certainties: Sequence[tuple[str, int]]
    codes: str
    reason: str  # The most frequent one.
    reasons: int  # How many different ones there are.
    phases: Sequence[str]  # Running when the sockets were opened, the most frequent first.


def cause_rows(found: ReleasePage) -> list[CauseRow]:
    """Return the causes, unexpected and frequent ones first."""
    groups: dict[tuple[str, bool], list[CauseCount]] = {}
    for row in found.causes:
        groups.setdefault((row.cause, row.expected), []).append(row)
    rows = [_cause_row(key, counted, found.sockets) for key, counted in groups.items()]
    return sorted(rows, key=lambda row: (row.expected, -row.count, row.cause))


def _cause_row(
    key: tuple[str, bool], counted: Sequence[CauseCount], sockets: Sequence[SocketRow]
) -> CauseRow:
    same = [socket for socket in sockets if (socket.cause, socket.expected) == key]
    reasons = Counter(socket.reason for socket in same if socket.reason)
    phases = Counter(
        name for socket in same for name in (socket.phases or [NO_PHASE[bool(socket.before_gate)]])
    )
    sure: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    for row in counted:
        sure[row.certainty] += row.count
        codes[str(row.code or (f"HTTP {row.status}" if row.status else "no close frame"))] += row.count
    return CauseRow(
        cause=key[0],
        expected=key[1],
        count=sum(row.count for row in counted),
        certainties=sorted(sure.items()),
        codes=", ".join(code for code, _ in codes.most_common(MOST_CODES)),
        reason=reasons.most_common(1)[0][0] if reasons else "",
        reasons=len(reasons),
        phases=[name for name, _ in phases.most_common(MOST_PHASES)],
    )


def boot_cells(boot: BootRow, sockets: Sequence[SocketRow]) -> dict[str, object]:
    """Return what a row of the boots' table shows."""
    counted: Counter[tuple[str, bool]] = Counter()
    for socket in sockets:
        counted[socket.cause, socket.expected] += socket.stands_for
    exposure = None
    if boot.exposed_from is not None and boot.exposed_to is not None:
        exposure = boot.exposed_to - boot.exposed_from
    return {
        "it": boot,
        "exposure": exposure,
        "still": boot.exposed_from is not None and boot.exposed_to is None,
        "causes": [(cause, expected, n) for (cause, expected), n in counted.most_common()],
    }


def gantt_twin(found: ReleasePage, names: Sequence[str]) -> Twin:
    """Return the Gantt as a table: a row a boot, a column a phase."""
    heads = ["Boot", "State", "Listening", "Gate", "Failed", *names]
    units = [
        "boot",
        "state",
        "listening_s [measured]",
        "gate_s [measured]",
        "failed",
        *(f"{n}_s [measured]" for n in names),
    ]
    failed: Counter[int | None] = Counter()
    for socket in found.sockets:
        failed[socket.boot_id] += 0 if socket.expected else socket.stands_for
    rows = []
    for boot in found.boots:
        runs = {row.name: row for row in reversed(found.phases.get(boot.id, []))}
        rows.append(
            [
                Cell(text=boot.ident),
                Cell(text=STATE_WORDS.get(boot.state, boot.state), value=boot.state),
                number(boot.listening_age, age(boot.listening_age)),
                number(boot.ready_age, age(boot.ready_age)),
                Cell(text=str(failed[boot.id]), numeric=True),
                *(phase_cell(runs.get(name)) for name in names),
            ]
        )
    return Twin(name=f"boots-{found.release.name}", heads=heads, units=units, rows=rows)


def phase_cell(row: PhaseRow | None) -> Cell:
    """Return how long a phase took, with its status where that is not ok."""
    if row is None or row.started_age is None:
        return number(None, "—")
    took = None if row.ended_age is None else row.ended_age - row.started_age
    words = duration(took) if row.status == "ok" else f"{row.status} {duration(took)}" if took else row.status
    return number(took, words)


def ages_twin(release: str, failures: Sequence[tuple[float, str, int]], width: float) -> Twin:
    """Return the failures by age as a table: a row a bin that is not empty, a column a cause."""
    last = max((opened for opened, _, _ in failures), default=0.0)
    bins = min(int(last // width) + 1, 10_000)
    counts = binned(failures, width, bins)
    names = list(counts)
    rows = [
        [
            number(place * width, duration(place * width)),
            number((place + 1) * width, duration((place + 1) * width)),
            *(Cell(text=str(counts[name][place]), numeric=True) for name in names),
        ]
        for place in range(bins)
        if any(counts[name][place] for name in names)
    ]
    return Twin(
        name=f"failures-by-age-{release}",
        heads=["From age", "To age", *(spaced(name).capitalize() for name in names)],
        units=["from_s [derived]", "to_s [derived]", *names],
        rows=rows,
    )
