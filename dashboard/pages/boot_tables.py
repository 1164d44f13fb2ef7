"""The tables of a boot page: blame, checks, events, and the twin of its figure. Times in seconds."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from dashboard.figures.numbers import age, duration
from dashboard.pages.boots import middle
from dashboard.pages.page import Cell, Twin, number
from dashboard.queries.boot import BootPage
from dashboard.queries.rows import CheckRow, EventRow, PhaseRow

MOST_BLAMED = 12
BAR_WIDTH = 120  # px
DID_NOT_WAIT = 0.1  # of its budget: a failed check that waited less did not wait
IDENTITY = frozenset({"seq", "id", "kind", "age", "at"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Blame:
    """What one run cost by itself."""

    name: str
    parent: str
    kind: str
    status: str
    index: int  # On the colour ramp.
    self_time: float
    over: float | None  # Above the median of the release before; None without one.
    width: float  # px of its bar.

    @property
    def beside(self) -> float | None:
        """How far it is from normal, whichever way."""
        return None if self.over is None else abs(self.over)


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckLine:
    """The checks of one name that ended alike."""

    name: str
    times: int
    ok: bool
    waited: float | None  # The longest.
    budget: float | None
    phase: str
    first: float  # Age of the first.
    result: str  # `ok`, `did not wait`, `used it up` or `failed`.
    bar: float  # px of what it waited.
    tick: float | None  # px of the budget.


def blame_of(found: BootPage, names: Sequence[str]) -> list[Blame]:
    """Return the runs by self time, the longest first, with what they took in the release before."""
    places = {name: place for place, name in enumerate(names)}
    own = self_times(found.phases)
    usual: dict[str, list[float]] = defaultdict(list)
    for phases in found.normal.phases.values() if found.normal else ():
        for row, took in self_times(phases):
            usual[row.name].append(took)
    longest = max((took for _, took in own), default=0.0) or 1.0
    rows = []
    for row, took in sorted(own, key=lambda pair: -pair[1])[:MOST_BLAMED]:
        before = middle(usual.get(row.name, []))
        rows.append(
            Blame(
                name=row.name,
                parent=row.parent,
                kind=row.kind,
                status=row.status,
                index=places.get(row.name, places.get(row.parent, 0)),
                self_time=took,
                over=None if before is None else took - before,
                width=max(round(BAR_WIDTH * took / longest, 1), 2),
            )
        )
    return rows


def self_times(phases: Iterable[PhaseRow]) -> list[tuple[PhaseRow, float]]:
    """Return each ended run with its duration less the time in which something inside it ran."""
    rows = [row for row in phases if row.started_age is not None and row.ended_age is not None]
    inside: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in rows:
        inside[row.parent].append((row.started_age or 0.0, row.ended_age or 0.0))
    found = []
    for row in rows:
        start, end = row.started_age or 0.0, row.ended_age or 0.0
        within = [(max(a, start), min(b, end)) for a, b in inside.get(row.name, []) if b > start and a < end]
        found.append((row, max(end - start - covered(within), 0.0)))
    return found


def covered(spans: Iterable[tuple[float, float]]) -> float:
    """Return the length of the union of spans."""
    total, reached = 0.0, float("-inf")
    for start, end in sorted(spans):
        total += max(end - max(start, reached), 0.0)
        reached = max(reached, end)
    return total


def check_rows(checks: Sequence[CheckRow]) -> list[CheckLine]:
    """Return the checks, those of one name and one result as one line."""
    groups: dict[tuple[str, str, float | None], list[CheckRow]] = {}
    for row in checks:
        groups.setdefault((row.name, result_of(row), row.budget), []).append(row)
    widest = max([max(row.waited or 0.0, row.budget or 0.0) for row in checks], default=0.0) or 1.0
    return [_check_line(key, rows, widest) for key, rows in groups.items()]


def result_of(row: CheckRow) -> str:
    """Return what became of a check, in words."""
    if row.ok:
        return "ok"
    if row.waited is None or row.budget is None:
        return "failed"
    if row.waited < DID_NOT_WAIT * row.budget:
        return "did not wait"
    return "used it up" if row.waited >= 0.95 * row.budget else "failed"


def _check_line(key: tuple[str, str, float | None], rows: Sequence[CheckRow], widest: float) -> CheckLine:
    name, result, budget = key
    waited = max((row.waited for row in rows if row.waited is not None), default=None)
    return CheckLine(
        name=name,
        times=len(rows),
        ok=result == "ok",
        waited=waited,
        budget=budget,
        phase=rows[0].phase,
        first=rows[0].age,
        result=result,
        bar=max(round((BAR_WIDTH - 4) * (waited or 0.0) / widest, 1), 1),
        tick=None if budget is None else round((BAR_WIDTH - 4) * budget / widest, 1),
    )


def event_rows(found: BootPage) -> list[tuple[EventRow, str]]:
    """Return the events with what they carry, by age."""
    ordered = sorted(found.events, key=lambda row: (row.age is None, row.age or 0.0, row.role, row.seq or 0))
    return [(row, carried(row.body)) for row in ordered]


def carried(body: str) -> str:
    """Return what an event carries beside its identity, as one line."""
    try:
        fields = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return body
    if not isinstance(fields, dict):
        return body
    said = ((name, value) for name, value in fields.items() if name not in IDENTITY)
    return ", ".join(f"{name} {_plain(value)}" for name, value in said)


def timeline_twin(found: BootPage) -> Twin:
    """Return the timeline as a table: a row a run."""
    rows = [
        [
            Cell(text=row.name),
            Cell(text=row.parent or "—", value=row.parent),
            Cell(text=row.kind),
            Cell(text=row.status),
            number(row.started_age, age(row.started_age)),
            number(row.ended_age, age(row.ended_age)),
            number(*_took(row)),
            Cell(text=row.error or "—", value=row.error),
        ]
        for row in found.phases
    ]
    return Twin(
        name=f"boot-{found.boot.ident}",
        heads=["Phase", "In", "Kind", "Status", "From", "To", "Took", "Error"],
        units=[
            "phase",
            "parent",
            "kind",
            "status",
            "from_s [measured]",
            "to_s [measured]",
            "took_s [measured]",
            "error",
        ],
        rows=rows,
    )


def _took(row: PhaseRow) -> tuple[float | None, str]:
    if row.started_age is None or row.ended_age is None:
        return None, "—"
    return row.ended_age - row.started_age, duration(row.ended_age - row.started_age)


def _plain(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
