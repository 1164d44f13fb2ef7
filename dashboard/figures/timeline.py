"""One boot by age: its phases with what they contain, exposure, gate, and its sockets at the bottom."""

from collections.abc import Mapping, Sequence

from dashboard.figures.frame import (
    Figure,
    Part,
    axis,
    box,
    coloured,
    layout,
    note,
    plain,
    step,
    titled,
    upright,
)
from dashboard.figures.lanes import BAD, Bar, Lane, Mark, alike, crowded, looks, pointed, told
from dashboard.figures.numbers import age, count, duration
from dashboard.figures.tokens import (
    BASELINE,
    CLEAR,
    EXPOSURE_AREA,
    GATE,
    TEXT_1,
    TEXT_2,
    cause,
    marker,
    state,
)

ROW = 27  # px
TOP, BOTTOM = 32, 44  # px
WORKED = "worked"
AFTER = 1.35  # times the start: how far the axis follows the sockets
LEAST = 1.0  # s of axis
MOST_LETTERS = 22  # of a name beside its bar; the whole is in the table
FEW_LETTERS = 14  # on a phone
OVERLAP = 0.05  # of its end: an outline that begins this much later would still lie under the words


def timeline(lane: Lane, total: int, normal: Sequence[Bar] = ()) -> Figure:
    """Draw a boot by age in seconds; `normal` are the phases of the median boot before, drawn as outlines."""
    last = len(lane.bars)
    end = reach(lane)
    outlines = _outlines(lane.bars, normal, end)
    running = _running(lane.bars, len(outlines))
    return {
        "data": [*outlines, *_bars(lane.bars, total, end), *_sockets(lane, last, end)],
        "layout": layout(
            uirevision="timeline",
            height=(last + 1) * ROW + TOP + BOTTOM,
            margin={"l": 168, "r": 64, "t": TOP, "b": BOTTOM},
            shapes=_lines(lane, last, end),
            annotations=[*_lengths(lane, end, normal), *_words(lane, end), *_later(lane, last, end)],
            xaxis=axis(
                range=[min(0, *_starts(lane)), end],
                dtick=step(end, 12),
                fixedrange=False,
                title=titled("boot age, s"),
            ),
            yaxis=axis(
                range=[last + 0.6, -0.6],
                tickvals=list(range(last + 1)),
                ticktext=_labels(lane.bars, MOST_LETTERS),
                showgrid=False,
            ),
            meta={
                "running": running if lane.running else [],
                "growing": [0] if lane.running and lane.listening is not None else [],
                "end": end,
                "phone": {
                    "margin": {"l": 104, "r": _room(lane, end)},
                    "ticktext": _labels(lane.bars, FEW_LETTERS),
                },
            },
        ),
    }


def reach(lane: Lane) -> float:
    """Return the end of the axis in seconds: the whole start, and some of what follows."""
    start = max([*(bar.end for bar in lane.bars), lane.gate or 0.0, lane.listening or 0.0, LEAST])
    if lane.running:
        start = max(start, lane.extent)
    latest = max((mark.age for mark in lane.marks), default=0.0)
    return max(start * 1.06, min(latest * 1.02, start * AFTER))


def _room(lane: Lane, end: float) -> int:
    wordy = any(bar.status in BAD for bar in lane.bars) or any(mark.age > end for mark in lane.marks)
    return 92 if wordy else 44  # px


def _starts(lane: Lane) -> list[float]:
    return [*(bar.start for bar in lane.bars), 0.0]


def _labels(bars: Sequence[Bar], most: int) -> list[str]:
    return [*(_label(bar, most) for bar in bars), coloured("sockets ", TEXT_1)]


def _label(bar: Bar, most: int) -> str:
    name = plain(bar.name if len(bar.name) <= most else f"{bar.name[: most - 1]}…")
    return coloured(f"└ {name} ", TEXT_2) if bar.child else coloured(f"{name} ", TEXT_1)


def _outlines(bars: Sequence[Bar], normal: Sequence[Bar], end: float) -> list[Part]:
    rows = {bar.name: row for row, bar in reversed(list(enumerate(bars))) if not bar.child}
    drawn = [bar for bar in normal if bar.name in rows and bar.start < end]
    if not drawn:
        return []
    return [
        {
            "type": "bar",
            "orientation": "h",
            "y": [rows[bar.name] for bar in drawn],
            "base": [bar.start for bar in drawn],
            "x": [min(bar.end, end) - bar.start for bar in drawn],
            "width": 0.82,
            "marker": {"color": CLEAR, "line": {"color": BASELINE, "width": 1}},
            "hoverinfo": "skip",
        }
    ]


def _bars(bars: Sequence[Bar], total: int, end: float) -> list[Part]:
    return [_bar_trace([(place, bars[place]) for place in places], total, end) for places in alike(bars)]


def _bar_trace(drawn: Sequence[tuple[int, Bar]], total: int, end: float) -> Part:
    bars = [bar for _, bar in drawn]
    return {
        "type": "bar",
        "orientation": "h",
        "y": [row for row, _ in drawn],
        "base": [bar.start for bar in bars],
        "x": [max(min(bar.end, end) - bar.start, 0) for bar in bars],
        "width": [0.34 if bar.child else 0.5 for bar in bars],
        "marker": looks(bars, total),
        "hovertext": [told(bar) for bar in bars],
        "hoverinfo": "text",
    }


def _running(bars: Sequence[Bar], before: int) -> list[list[int]]:
    groups = alike(bars)
    return [
        [before + trace, place]
        for trace, places in enumerate(groups)
        for place, row in enumerate(places)
        if bars[row].status == "running"
    ]


def _sockets(lane: Lane, row: int, end: float) -> list[Part]:
    points: dict[str, list[tuple[Mark, int]]] = {}
    for mark, stands_for in crowded([mark for mark in lane.marks if mark.age <= end], end):
        points.setdefault(mark.cause, []).append((mark, stands_for))
    return [_socket_trace(name, found, row) for name, found in points.items()]


def _socket_trace(name: str, found: Sequence[tuple[Mark, int]], row: int) -> Part:
    ready = {"symbol": "line-ns-open", "size": 9, "color": state("ready"), "line": {"width": 2}}
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": [mark.age for mark, _ in found],
        "y": [row for _ in found],
        "text": [str(count) if count > 1 else "" for _, count in found],
        "textposition": "middle right",
        "textfont": {"size": 11, "color": TEXT_1},
        "hovertext": [pointed(mark, count) for mark, count in found],
        "hoverinfo": "text",
        "marker": ready if name == WORKED else marker(name, 10),
        "cliponaxis": False,
    }


def _lines(lane: Lane, last: int, end: float) -> list[Part]:
    shapes: list[Part] = []
    if lane.listening is not None and (lane.gate is None or lane.listening < lane.gate):
        until = lane.gate if lane.gate is not None else max(lane.extent, lane.listening)
        shapes.append(box(lane.listening, min(until, end), -0.6, last + 0.6, EXPOSURE_AREA))
    if lane.listening is not None:
        line = {"color": cause("false_start"), "width": 1.25}
        shapes.append(upright(lane.listening, -0.6, last + 0.6, line, layer="below"))
    if lane.gate is not None:
        shapes.append(upright(lane.gate, -0.6, last + 0.6, {"color": GATE, "width": 2.5}))
    return shapes


def _lengths(lane: Lane, end: float, normal: Sequence[Bar]) -> list[Part]:
    notes = []
    outlined = {bar.name: bar for bar in normal if bar.start < end}
    for row, bar in enumerate(lane.bars):
        beyond = bar.end > end
        before = (
            lane.gate is not None and bar.end < lane.gate and lane.gate - bar.end < 0.09 * end and not beyond
        )
        at, shift, anchor = (
            (bar.start, -6, "right")
            if before and bar.start > 0.1 * end
            else (min(_clear_of(bar, outlined), end), 6, "left")
        )
        words = duration(bar.end - bar.start) + (" ▸" if beyond else "")
        if bar.status != "ok":
            words = f"{bar.status} · {words}" if bar.status != "running" else "running"
        colour = state("failed") if bar.status in ("failed", "timeout") else TEXT_2
        notes.append(
            note(
                words,
                x=at,
                y=row,
                xanchor=anchor,
                yanchor="middle",
                xshift=shift,
                font={"size": 11.5, "color": colour},
            )
        )
    return notes


def _clear_of(bar: Bar, outlined: Mapping[str, Bar]) -> float:
    outline = None if bar.child else outlined.get(bar.name)
    inside = outline is not None and outline.start < bar.end + OVERLAP * outline.end
    return max(bar.end, outline.end) if outline is not None and inside else bar.end


def _later(lane: Lane, row: int, end: float) -> list[Part]:
    later = sum(1 for mark in lane.marks if mark.age > end)
    words = f"{count(later)} later ▸"
    return [note(words, x=1, xref="paper", y=row, xshift=4, yanchor="middle")] if later else []


def _words(lane: Lane, end: float) -> list[Part]:
    notes: list[Part] = []
    near = (
        lane.listening is not None and lane.gate is not None and abs(lane.gate - lane.listening) < 0.2 * end
    )
    first = lane.listening is not None and lane.gate is not None and lane.listening <= lane.gate
    if lane.listening is not None:
        side = ("right" if first else "left") if near else "center"
        font = {"size": 11.5, "color": cause("false_start")}
        notes.append(
            note(f"listening {age(lane.listening)}", x=lane.listening, y=-0.58, xanchor=side, font=font)
        )
    if lane.gate is not None:
        side = ("left" if first else "right") if near else "center"
        font = {"size": 11.5, "color": TEXT_1}
        notes.append(note(f"<b>gate {age(lane.gate)}</b>", x=lane.gate, y=-0.58, xanchor=side, font=font))
    return notes
