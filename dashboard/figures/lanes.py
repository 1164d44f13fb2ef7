"""What a figure draws of a boot: bars, marks and a scale. Times are ages in seconds since process start."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from dashboard.figures.frame import Part, plain
from dashboard.figures.numbers import duration
from dashboard.figures.tokens import CLEAR, SURFACE, phase, state

BAD = frozenset({"failed", "timeout"})
HEADROOM = 1.04  # of the axis beyond what it must show
OUTLIER = 1.8  # times the median extent; what reaches further is clipped, and said to be
ROOM = 1.3  # times what has ended: how far a boot that still starts may widen the axis
AGAIN = 2.0  # times the phases of a boot whose gate never came: how far its failures widen the axis
CROWD = 6  # marks within a crowded stretch are drawn as one
STRETCHES = 80  # stretches of about 12 px along an axis
CHILD_OPACITY = 0.8


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """One run of a phase."""

    name: str
    index: int  # Its place on the colour ramp; a child has its parent's.
    start: float
    end: float
    status: str = "ok"
    kind: str = "work"
    child: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A socket, by the age at which it was opened."""

    age: float
    cause: str
    words: tuple[str, ...] = ()  # Lines for the pointer; the first is the name.
    stands_for: int = 1  # Sockets; a sample has more.


@dataclass(frozen=True, kw_only=True, slots=True)
class Lane:
    """One boot."""

    label: str
    href: str = ""
    state: str = ""
    bars: tuple[Bar, ...] = ()
    gate: float | None = None
    listening: float | None = None
    extent: float = 0.0  # The age up to which it is known; of a boot that is starting, its age now.
    running: bool = False
    marks: tuple[Mark, ...] = ()
    failures: int = 0  # Unexpected ones.


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Lanes under one heading."""

    title: str
    lanes: tuple[Lane, ...]


def scale(lanes: Iterable[Lane]) -> float:
    """Return the end of an age axis in seconds: all but outliers fit, and so does every gate.

    What still runs widens the axis a little, so that its bar has room to grow, but never by much.
    """
    known = list(lanes)
    ended = [reach for lane in known if not lane.running and (reach := _reach(lane)) > 0]
    running = [reach for lane in known if lane.running and (reach := _reach(lane)) > 0]
    if not ended:
        return max([*running, 1.0]) * HEADROOM
    gates = [lane.gate for lane in known if lane.gate is not None]
    fitting = min(max(ended), max([OUTLIER * median(ended), *gates]))
    return max(fitting, min(max(running, default=0.0), fitting * ROOM)) * HEADROOM


def _reach(lane: Lane) -> float:
    ends = [bar.end for bar in lane.bars]
    if lane.gate is None:
        # What fails behind a gate that never comes is shown for as long again as the phases took.
        limit = AGAIN * max([*ends, lane.listening or 0.0])
        early = [min(mark.age, limit) for mark in lane.marks]
    else:
        early = [mark.age for mark in lane.marks if mark.age < lane.gate]
    return max([*ends, *early, lane.gate or 0.0, lane.extent if lane.running else 0.0], default=0.0)


def crowded(marks: Sequence[Mark], end: float) -> list[tuple[Mark, int]]:
    """Fold marks that would lie on one another: each mark with how many it stands for."""
    near: list[list[Mark]] = []
    for mark in sorted(marks, key=lambda mark: (mark.cause, mark.age)):
        first = near[-1][0] if near else None
        if first and first.cause == mark.cause and mark.age - first.age < end / STRETCHES:
            near[-1].append(mark)
        else:
            near.append([mark])
    return [one for group in near for one in _folded(group)]


def _folded(group: list[Mark]) -> list[tuple[Mark, int]]:
    if len(group) < CROWD:
        return [(mark, 1) for mark in group]
    return [(group[len(group) // 2], sum(mark.stands_for for mark in group))]


def alike(bars: Iterable[Bar]) -> list[list[int]]:
    """Group the places of bars that one trace can draw: Plotly hatches a trace well in one colour only."""
    groups: dict[tuple[int, bool], list[int]] = {}
    for place, bar in enumerate(bars):
        groups.setdefault((bar.index, bar.status == "skipped"), []).append(place)
    return list(groups.values())


def looks(bars: Sequence[Bar], total: int) -> Part:
    """Return the marker of bars that are alike: hatched where one failed, dotted where it runs."""
    colour = phase(bars[0].index, total)
    return {
        "color": CLEAR if bars[0].status == "skipped" else colour,
        "opacity": [CHILD_OPACITY if bar.child else 1 for bar in bars],
        "line": {
            "color": [_outline(bar, colour) for bar in bars],
            "width": [1.5 if bar.status in BAD else 1 for bar in bars],
        },
        "pattern": {
            "shape": [_hatch(bar) for bar in bars],
            "fgcolor": SURFACE,
            "fgopacity": 0.75,
            "size": 5,
            "solidity": 0.35,
            "fillmode": "overlay",
        },
    }


def told(bar: Bar) -> str:
    """Return what the pointer says of a bar."""
    took = f"{duration(bar.end - bar.start)} · {bar.status}"
    return f"<b>{plain(bar.name)}</b> {took}<br>from {duration(bar.start)}"


def pointed(mark: Mark, stands_for: int) -> str:
    """Return what the pointer says of a mark."""
    first, *rest = (plain(line) for line in mark.words or (mark.cause,))
    others = [f"and {stands_for - 1} more within reach of the pointer"] if stands_for > 1 else []
    return "<br>".join((f"<b>{first}</b>", *rest, *others))


def _outline(bar: Bar, colour: str) -> str:
    if bar.status in BAD:
        return state("failed")
    return colour if bar.status == "skipped" else SURFACE


def _hatch(bar: Bar) -> str:
    if bar.status in BAD or bar.kind == "wait":
        return "/"
    return "." if bar.status == "running" else ""
