"""The fleet page: is anything starting badly now?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log2

from django.urls import reverse

from dashboard.figures.numbers import minus, plural
from dashboard.ourselves import SERVICE
from dashboard.pages.boots import middle, quantile
from dashboard.pages.page import Page, Row, rendered
from dashboard.queries.fleet import EnvironmentRow, Fleet, fleet, fleet_mark
from dashboard.queries.rows import DeploymentRow
from ingest import live

LEAST_NORMAL = 3  # boots of the release before, for its p10–p90 to mean something
BAR_WIDTH = 240  # px of the bar of states
NORMAL_WIDTH = 120  # px of the scale of normal: log2, from half to twice the middle of the band
SPARK_HOURS = 24
SPARK_HEIGHT = 26  # px
SPARK_STEP = 6  # px an hour
ORDER = (
    "failed_serving", "failed", "crashed", "killed", "silent", "starting", "degraded", "draining",
    "ready", "stopped",
)  # fmt: skip
ALARMING = {
    "failed_serving": "failed but serving",
    "failed": "failed",
    "crashed": "crashed",
    "killed": "killed",
    "silent": "silent",
}
EARLY_WORDS = (
    ("false_start", "false start", "false starts"),
    ("failed_phase", "socket behind a failed phase", "sockets behind a failed phase"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """A stretch of the bar of states."""

    state: str
    number: int
    x: float
    width: float


@dataclass(frozen=True, kw_only=True, slots=True)
class NormalBand:
    """Time to gate on its normal band; places in px on a log2 scale."""

    median: float  # s
    boots: int
    low: float | None = None  # s, p10 of the release before
    high: float | None = None  # s, p90
    percent: int | None = None  # by which the median differs from the middle of the band
    x0: float = 0
    width: float = 0
    dot: float = NORMAL_WIDTH / 2

    @property
    def change(self) -> str:
        """The difference from normal with its sign: `+46 %`."""
        return minus(f"{self.percent or 0:+d} %")

    @property
    def verdict(self) -> str:
        """Where the median lies: `normal`, `above`, `below` or `unknown`."""
        if self.low is None or self.high is None:
            return "unknown"
        return "above" if self.median > self.high else "below" if self.median < self.low else "normal"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """One reason to look: failures of a cause, or boots in a state."""

    cause: str = ""
    state: str = ""
    number: int
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FleetRow:
    """A service and environment as the page shows it."""

    row: EnvironmentRow
    href: str
    reasons: Sequence[Reason]  # Why it needs a look; empty if it does not.
    segments: Sequence[Segment]
    normal: NormalBand | None
    spark: Sequence[tuple[float, float, float, int]]  # x, y, height in px and the number, an hour each
    failures: int  # in 24 h
    last: datetime | None
    deployed: DeploymentRow | None  # Of the release that runs.
    coming: DeploymentRow | None  # Of one that nobody has seen a boot of.
    coming_href: str

    @property
    def ours(self) -> bool:
        """Whether this is the product itself."""
        return self.row.service == SERVICE


@dataclass(frozen=True, kw_only=True, slots=True)
class FleetSource:
    """The page `/`."""

    template: str = "fleet/page.html"
    group: str = live.FLEET

    def load(self, now: datetime) -> Page:
        """Read the page as of `now`."""
        found = fleet(now)
        rows = fleet_rows(found, now)
        bad = [row for row in rows if row.reasons]
        mark = sum(row.mark for row in found.environments)
        # The product reports about itself from its first second; whoever just came has yet to begin.
        foreign = any(not row.ours for row in rows)
        booted = sum(1 for row in rows if row.row.release)
        title = title_of(len(bad), booted if foreign or bad else 0)
        return Page(
            title="Fleet",
            summary=title,
            mark=mark,
            at=now,
            regions={
                "title": rendered(
                    "fleet/title.html", title=title, lead=lead_of(rows), empty=not (foreign or bad)
                ),
                "help": "" if foreign else rendered("fleet/first_run.html"),
                "foot": rendered(
                    "fleet/foot.html", rows=rows, last=max(found.last_events.values(), default=None)
                ),
            },
            lists={"fleet": _listed(rows, mark)} if rows else {"fleet": ()},
        )

    def mark(self) -> int:
        """Read the page's high mark alone."""
        return fleet_mark()


def title_of(bad: int, total: int) -> str:
    """Return the page's answer in a sentence."""
    if not total:
        return "No service of yours has reported yet"
    if not bad:
        return "1 service starts as usual" if total == 1 else f"All {total} services start as usual"
    return f"{bad} of {total} {'is' if bad == 1 else 'are'} starting badly"


def lead_of(rows: Sequence[FleetRow]) -> str:
    """Return what stands behind the answer: who, and why."""
    bad = [row for row in rows if row.reasons]
    said = [
        f"{row.row.service} in {row.row.environment}: {', '.join(reason.words for reason in row.reasons)}."
        for row in bad[:3]
    ]
    if len(bad) > 3:
        said.append(f"{len(bad) - 3} more below.")
    calm = sum(1 for row in rows if row.row.release) - len(bad)
    if bad and calm:
        said.append(f"{calm} {'is' if calm == 1 else 'are'} as usual.")
    return " ".join(said) or "No socket failed before its gate, and no boot is in trouble."


def fleet_rows(found: Fleet, now: datetime) -> list[FleetRow]:
    """Return the rows of the page, those that need a look first."""
    tallest = max([number for hours in found.failures.values() for number in hours.values()], default=0)
    rows = [_fleet_row(row, found, now, tallest) for row in found.environments]
    return sorted(rows, key=lambda row: (not row.reasons, not row.row.release))


def _fleet_row(row: EnvironmentRow, found: Fleet, now: datetime, tallest: int) -> FleetRow:
    release = row.release_id or 0
    states = found.states.get(release, {})
    hours = found.failures.get(row.id, {})
    coming = found.coming.get(row.id)
    coming_href = _href(row, coming.release) if coming else ""
    return FleetRow(
        row=row,
        href=_href(row, row.release) if row.release else coming_href,
        reasons=reasons(states, found.idle.get(release, 0), found.before_gate.get(release, {})),
        segments=segments(states),
        normal=normal_band(found.gates.get(release, []), found.gates.get(row.previous_id or 0, [])),
        spark=spark(hours, now, tallest),
        failures=sum(hours.values()),
        last=found.last_events.get(row.id),
        deployed=found.deployed.get(release),
        coming=coming,
        coming_href=coming_href,
    )


def _href(row: EnvironmentRow, release: str) -> str:
    return reverse("release", args=[row.service, row.environment, release])


def reasons(states: Mapping[str, int], idle: int, before_gate: Mapping[str, int]) -> list[Reason]:
    """Return why a release needs a look; nothing if it does not."""
    causes = [
        Reason(cause=cause, number=number, words=f"{plural(number, one, many)}")
        for cause, one, many in EARLY_WORDS
        if (number := before_gate.get(cause, 0))
    ]
    alarming = {state: states.get(state, 0) - (idle if state == "silent" else 0) for state in ALARMING}
    return [
        *causes,
        *(
            Reason(state=state, number=number, words=f"{plural(number, 'boot')} {ALARMING[state]}")
            for state, number in alarming.items()
            if number > 0
        ),
    ]


def segments(states: Mapping[str, int]) -> list[Segment]:
    """Return the stretches of the bar of states, each wide enough to be seen."""
    present = [(state, states[state]) for state in ORDER if states.get(state)]
    total = sum(number for _, number in present)
    room = BAR_WIDTH - 2 * (len(present) - 1) - 8 * len(present)
    found, x = [], 0.0
    for state, number in present:
        width = round(8 + room * number / total, 1)
        found.append(Segment(state=state, number=number, x=round(x, 1), width=width))
        x += width + 2
    return found


def normal_band(gates: Sequence[float], before: Sequence[float]) -> NormalBand | None:
    """Return the median gate on the p10–p90 of the release before; None while no gate is known."""
    now = middle(gates)
    if now is None:
        return None
    if len(before) < LEAST_NORMAL:
        return NormalBand(median=now, boots=len(gates))
    ordered = sorted(before)
    low, high, usual = quantile(ordered, 0.1), quantile(ordered, 0.9), quantile(ordered, 0.5)
    if low <= 0 or usual <= 0:
        return NormalBand(median=now, boots=len(gates))
    centre = (low * high) ** 0.5
    x0, x1 = _place(low, centre), _place(high, centre)
    return NormalBand(
        median=now,
        boots=len(gates),
        low=low,
        high=high,
        percent=round(100 * (now / usual - 1)),
        x0=x0,
        width=max(round(x1 - x0, 1), 3),
        dot=_place(max(now, 1e-9), centre),
    )


def spark(
    hours: Mapping[datetime, int], now: datetime, tallest: int
) -> list[tuple[float, float, float, int]]:
    """Return failures an hour over a day, oldest first; all rows share the scale of the tallest."""
    first = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=SPARK_HOURS - 1)
    found: list[tuple[float, float, float, int]] = []
    for place in range(SPARK_HOURS):
        number = hours.get(first + timedelta(hours=place), 0)
        height = round(max(SPARK_HEIGHT * number / tallest, 2), 1) if number else 1
        found.append((place * SPARK_STEP, SPARK_HEIGHT - height, height, number))
    return found


def _place(value: float, centre: float) -> float:
    share = min(max(log2(value / centre), -1), 1)
    return round(NORMAL_WIDTH / 2 + share * (NORMAL_WIDTH / 2 - 6), 1)


def _listed(rows: Sequence[FleetRow], mark: int) -> tuple[Row, ...]:
    bad = [row for row in rows if row.reasons]
    calm = [row for row in rows if not row.reasons and row.row.release]
    waiting = [row for row in rows if not row.row.release]
    heads = (("needs", "Needs a look"), ("usual", "Starting as usual"), ("waiting", "No boot yet"))
    listed: list[Row] = []
    for (key, title), group in zip(heads, (bad, calm, waiting), strict=True):
        if group:
            head = rendered("fleet/group.html", id=f"fleet-{key}", title=title, number=len(group))
            listed.append(Row(id=f"fleet-{key}", revision=mark, html=head))
        listed += [
            Row(id=f"fleet-{row.row.id}", revision=row.row.mark, html=rendered("fleet/row.html", it=row))
            for row in group
        ]
    return tuple(listed)
