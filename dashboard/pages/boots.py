"""From rows to what is drawn of a boot. Ages in seconds since process start."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from statistics import median

from django.urls import reverse

from dashboard.figures.lanes import Bar, Lane, Mark
from dashboard.figures.numbers import duration
from dashboard.queries.rows import BootRow, PhaseRow, SocketRow
from dashboard.templatetags.falsestart import short, spaced
from ingest.domain.contract import Contract

ENDED = frozenset({"killed", "failed", "crashed", "stopped"})
BAD = frozenset({"killed", "failed", "crashed", "failed_serving"})
MOST_DEPTH = 8  # of nested phases that are told apart


def age_now(boot: BootRow, now: datetime) -> float:
    """Return how old a boot is, by its own clock; the age it ended at or was last heard of if it is gone."""
    last = max(boot.last_age or 0.0, boot.ended_age or 0.0)
    if boot.state in ENDED or boot.state == "silent":
        return last
    return max((now - boot.started_at).total_seconds() - (boot.clock_offset or 0.0), last)


def looks_bad(boot: BootRow, open_sockets: bool = True) -> bool:
    """Tell whether somebody should look: silence alarms only while starting or with open sockets."""
    if boot.state == "silent":
        return boot.ready_age is None or open_sockets
    return boot.state in BAD


def phase_names(contract: Contract | None, phases: Iterable[PhaseRow]) -> list[str]:
    """Return the top phases in contract order, unknown ones after them as they came."""
    declared = [spec.name for spec in contract.phases] if contract else []
    met = [row.name for row in phases if not row.parent]
    return list(dict.fromkeys([*declared, *met]))


def top_bars(names: Sequence[str], phases: Iterable[PhaseRow], present: float) -> tuple[Bar, ...]:
    """Return the bars of top phases; one that runs reaches to the present age."""
    places = {name: place for place, name in enumerate(names)}
    return tuple(
        bar
        for row in phases
        if not row.parent and row.name in places and (bar := bar_of(row, places[row.name], present))
    )


def bar_of(row: PhaseRow, index: int, present: float, *, child: bool = False) -> Bar | None:
    """Return the bar of a run, or None where its start is unknown."""
    if row.started_age is None:
        return None
    end = row.ended_age if row.ended_age is not None else max(present, row.started_age)
    return Bar(
        name=row.name,
        index=index,
        start=row.started_age,
        end=end,
        status=row.status,
        kind=row.kind,
        child=child,
    )


def nested_bars(names: Sequence[str], phases: Sequence[PhaseRow], present: float) -> tuple[Bar, ...]:
    """Return all bars, what a phase contains after it and in its colour."""
    children: dict[str, list[PhaseRow]] = {}
    known = {row.name for row in phases}
    for row in phases:
        parent = row.parent if row.parent in known and row.parent != row.name else ""
        children.setdefault(parent, []).append(row)
    places = {name: place for place, name in enumerate(names)}
    bars: list[Bar] = []
    shown: set[str] = set()

    def walk(parent: str, index: int | None, depth: int) -> None:
        if parent in shown or depth > MOST_DEPTH:
            return
        shown.add(parent)
        for row in children.get(parent, []):
            own = places.get(row.name, 0) if index is None else index
            if bar := bar_of(row, own, present, child=index is not None):
                bars.append(bar)
            walk(row.name, own, depth + 1)

    walk("", None, 0)
    return tuple(bars)


def median_bars(
    names: Sequence[str], boots: Iterable[Sequence[PhaseRow]], *, failed_too: bool = False
) -> tuple[Bar, ...]:
    """Return each top phase from its median start to its median end, where it ended well."""
    spans: dict[str, list[tuple[float, float]]] = {}
    for phases in boots:
        for row in phases:
            if row.parent or row.run or (row.status != "ok" and not failed_too):
                continue
            if row.started_age is not None and row.ended_age is not None:
                spans.setdefault(row.name, []).append((row.started_age, row.ended_age))
    return tuple(
        Bar(
            name=name,
            index=place,
            start=median(start for start, _ in spans[name]),
            end=median(end for _, end in spans[name]),
        )
        for place, name in enumerate(names)
        if name in spans
    )


def gates(boots: Iterable[BootRow]) -> list[float]:
    """Return the gate times that are known, in order."""
    return sorted(boot.ready_age for boot in boots if boot.ready_age is not None)


def middle(values: Sequence[float]) -> float | None:
    """Return the median, or None of nothing."""
    return median(values) if values else None


def quantile(values: Sequence[float], share: float) -> float:
    """Return a quantile of sorted values, between neighbours in proportion."""
    place = share * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def lane(
    boot: BootRow, bars: Sequence[Bar], sockets: Sequence[SocketRow], now: datetime, *, href: bool = True
) -> Lane:
    """Return what a figure draws of a boot."""
    return Lane(
        label=str(short(boot.ident)),
        href=reverse("boot", args=[boot.ident]) if href else "",
        state=boot.state,
        bars=tuple(bars),
        gate=boot.ready_age,
        listening=boot.exposed_from if boot.exposed_from is not None else boot.listening_age,
        extent=age_now(boot, now),
        running=boot.state == "starting",
        marks=tuple(mark_of(socket) for socket in sockets if socket.opened_age is not None),
        failures=sum(socket.stands_for for socket in sockets if socket.cause and not socket.expected),
    )


def mark_of(socket: SocketRow) -> Mark:
    """Return the mark of a socket with what the pointer says of it."""
    name = spaced(socket.cause) if socket.cause else ("open" if socket.outcome == "open" else "worked")
    lines = [f"{name} · {seen_code(socket)}", f"opened at {duration(socket.opened_age)}"]
    if socket.cause and socket.before_gate:
        lines.append("gate never passed" if socket.margin is None else f"margin {duration(socket.margin)}")
    if socket.stands_for > 1:
        lines.append(f"a sample that stands for {socket.stands_for}")
    cause = socket.cause or "worked"
    return Mark(age=socket.opened_age or 0.0, cause=cause, words=tuple(lines), stands_for=socket.stands_for)


def seen_code(socket: SocketRow) -> str:
    """Return the code that a socket ended with, or what stands in its place."""
    if socket.outcome == "open":
        return "still open"
    if socket.code is not None:
        return f"code {socket.code}"
    return f"HTTP {socket.status}" if socket.status is not None else "no close frame"


def by_boot(sockets: Iterable[SocketRow]) -> Mapping[int, list[SocketRow]]:
    """Group sockets by their boot."""
    found: dict[int, list[SocketRow]] = {}
    for socket in sockets:
        if socket.boot_id is not None:
            found.setdefault(socket.boot_id, []).append(socket)
    return found
