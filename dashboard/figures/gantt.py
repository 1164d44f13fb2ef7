"""The boots of a release, a lane each, by boot age: phases, exposure, gate, and where sockets failed."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from dashboard.figures.frame import (
    Figure,
    Part,
    axis,
    box,
    layout,
    note,
    plain,
    step,
    titled,
    upright,
)
from dashboard.figures.labels import label, short_label
from dashboard.figures.lanes import BAD, Bar, Group, Lane, Mark, alike, crowded, looks, pointed, scale, told
from dashboard.figures.numbers import age, duration
from dashboard.figures.tokens import (
    BASELINE,
    EXPOSURE,
    GATE,
    SURFACE,
    TEXT_1,
    TEXT_2,
    TEXT_3,
    cause,
    marker,
    state,
)

HEIGHTS = ((60, 21), (150, 12))  # px of a lane, up to so many lanes
LEAST_HEIGHT = 4  # px of a lane beyond
LABELLED = 12  # px a lane must have for its label
TOP, BOTTOM = 36, 44  # px
CROWDED_EDGE = 0.68  # of the axis; beyond, a name to the right of its line would be cut
LINE_HEIGHT = 14  # px
GAP = 0.35  # lanes between two groups
BAR = 0.44  # of a lane
SAID = {"failed": "fails", "timeout": "times out", "running": "runs on", "ok": "ends", "skipped": "ends"}


@dataclass(kw_only=True, slots=True)
class _Sheet:
    """Where everything lies: lanes are rows of height 1 from the top."""

    end: float  # of the axis, s
    total: int  # colours on the ramp
    rows: list[tuple[float, Lane]] = field(default_factory=list)
    heads: list[tuple[float, str]] = field(default_factory=list)
    bottom: float = 0.0


def gantt(
    groups: Sequence[Group],
    phases: Sequence[str],
    *,
    reference: Lane | None = None,
    gate: float | None = None,
) -> Figure:
    """Draw boots by age in seconds; `reference` is the median boot before, `gate` the median gate now."""
    lanes = [*([reference] if reference else []), *(lane for group in groups for lane in group.lanes)]
    sheet = _laid(groups, reference, _Sheet(end=scale(lanes), total=len(phases)))
    height = _row_height(len(lanes))
    traces, running = _bars(sheet, phases)
    shapes, growing = _exposures(sheet)
    return {
        "data": [*traces, _ticks(sheet, "listening"), _ticks(sheet, "gate"), *_failures(sheet)],
        "layout": layout(
            uirevision="gantt",
            height=round(max(sheet.bottom, 1) * height + TOP + BOTTOM),
            margin={"l": 184, "r": 118, "t": TOP, "b": BOTTOM},
            shapes=[*shapes, *_medians(sheet, reference, gate)],
            annotations=[
                *_heads(sheet),
                *_columns(sheet, height),
                *_clipped(sheet),
                *_gates(sheet, reference, gate),
            ],
            xaxis=axis(
                range=[0, sheet.end],
                dtick=step(sheet.end),
                fixedrange=False,
                title=titled("boot age, seconds since process start", 10),
            ),
            yaxis=axis(range=[sheet.bottom - 0.5, -0.65], showgrid=False, **_labels(sheet, height)),
            meta={
                "running": running,
                "growing": growing,
                "end": sheet.end,
                "phone": {
                    "margin": {"l": 112, "r": 10},
                    "ticktext": [short_label(lane) for _, lane in sheet.rows],
                    "drop": ["wide"],
                },
            },
        ),
    }


def _row_height(lanes: int) -> int:
    return next((height for most, height in HEIGHTS if lanes <= most), LEAST_HEIGHT)


def _laid(groups: Sequence[Group], reference: Lane | None, sheet: _Sheet) -> _Sheet:
    y = 0.0
    if reference:
        sheet.rows.append((y, reference))
        y += 1 + GAP
    for group in groups:
        sheet.heads.append((y, group.title))
        sheet.rows += [(y + 1 + place, lane) for place, lane in enumerate(group.lanes)]
        y += 1 + len(group.lanes) + GAP
    sheet.bottom = y
    return sheet


def _bars(sheet: _Sheet, phases: Sequence[str]) -> tuple[list[Part], list[list[int]]]:
    traces: list[Part] = []
    running: list[list[int]] = []
    for name in phases:
        named = [(y, lane, bar) for y, lane in sheet.rows for bar in lane.bars if bar.name == name]
        shown = [one for one in named if one[2].start < sheet.end]
        for places in alike(bar for _, _, bar in shown):
            drawn = [shown[place] for place in places]
            runs = [lane.running and bar.status == "running" for _, lane, bar in drawn]
            running += [[len(traces), place] for place, run in enumerate(runs) if run]
            traces.append(_bar_trace(sheet, drawn))
    return traces, running


def _bar_trace(sheet: _Sheet, drawn: Sequence[tuple[float, Lane, Bar]]) -> Part:
    bars = [bar for _, _, bar in drawn]
    return {
        "type": "bar",
        "orientation": "h",
        "y": [y for y, _, _ in drawn],
        "base": [bar.start for bar in bars],
        "x": [min(bar.end, sheet.end) - bar.start for bar in bars],
        "width": BAR,
        "marker": looks(bars, sheet.total),
        "hovertext": [told(bar) for bar in bars],
        "hoverinfo": "text",
    }


def _exposures(sheet: _Sheet) -> tuple[list[Part], list[int]]:
    shapes: list[Part] = []
    growing: list[int] = []
    for y, lane in sheet.rows:
        exposed = lane.listening is not None and (lane.gate is None or lane.listening < lane.gate)
        if lane.listening is None or not exposed or lane.listening >= sheet.end:
            continue
        end = lane.gate if lane.gate is not None else lane.extent
        if lane.running:
            growing.append(len(shapes))
        shapes.append(
            box(lane.listening, min(max(end, lane.listening), sheet.end), y - 0.46, y + 0.46, EXPOSURE)
        )
    return shapes, growing


def _ticks(sheet: _Sheet, what: str) -> Part:
    gate = what == "gate"
    reach = 0.5 if gate else 0.46
    x: list[float | None] = []
    y: list[float | None] = []
    for row, lane in sheet.rows:
        at = lane.gate if gate else lane.listening
        if at is not None and at <= sheet.end:
            x += [at, at, None]
            y += [row - reach, row + reach, None]
    line = {"color": GATE, "width": 2.5} if gate else {"color": cause("false_start"), "width": 1.25}
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": line, "hoverinfo": "skip"}


def _failures(sheet: _Sheet) -> list[Part]:
    points: dict[str, list[tuple[float, Mark, int]]] = {}
    for y, lane in sheet.rows:
        shown = [mark for mark in lane.marks if mark.age <= sheet.end]
        for mark, stands_for in crowded(shown, sheet.end):
            points.setdefault(mark.cause, []).append((y, mark, stands_for))
    return [_failure_trace(name, found) for name, found in points.items()]


def _failure_trace(name: str, points: Sequence[tuple[float, Mark, int]]) -> Part:
    many = [count for _, _, count in points]
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": [max(mark.age, 0) for _, mark, _ in points],
        "y": [y for y, _, _ in points],
        "text": [str(count) if count > 1 else "" for count in many],
        "textposition": "middle right",
        "textfont": {"size": 11, "color": TEXT_1},
        "hovertext": [pointed(mark, count) for _, mark, count in points],
        "hoverinfo": "text",
        "marker": marker(name, 9.5),
        "cliponaxis": False,
    }


def _medians(sheet: _Sheet, reference: Lane | None, gate: float | None) -> list[Part]:
    last = sheet.bottom - 0.6
    lines: list[Part] = []
    if reference and reference.gate is not None:
        line = {"color": BASELINE, "width": 1.25, "dash": "4px,4px"}
        lines.append(upright(reference.gate, -0.5, last, line, layer="below"))
    if gate is not None:
        lines.append(upright(gate, 0.6, last, {"color": TEXT_1, "width": 1, "dash": "1px,3px"}))
    return lines


def _gates(sheet: _Sheet, reference: Lane | None, gate: float | None) -> list[Part]:
    old = reference.gate if reference else None
    later = old is None or gate is None or gate >= old
    # Near the right edge both names go to the left of their lines, one above the other.
    stacked = max(old or 0.0, gate or 0.0) > CROWDED_EDGE * sheet.end
    notes: list[Part] = []
    if old is not None:
        side = "right" if later or stacked else "left"
        notes.append(
            note(f"old gate {duration(old)}", x=old, y=-0.6, xanchor=side, xshift=4 if later else -4)
        )
    if gate is not None:
        side = "right" if stacked or not later else "left"
        place = {
            "xanchor": side,
            "xshift": 4 if side == "right" else -4,
            "yshift": LINE_HEIGHT if stacked else 0,
        }
        font = {"size": 11.5, "color": TEXT_1}
        notes.append(note(f"<b>gate {duration(gate)}</b>", x=gate, y=-0.6, font=font, **place))
    return notes


def _labels(sheet: _Sheet, height: int) -> Part:
    if height < LABELLED:
        return {"showticklabels": False}
    size = 11.5 if height > LABELLED else 9.5
    return {
        "tickvals": [y for y, _ in sheet.rows],
        "ticktext": [label(lane) for _, lane in sheet.rows],
        "tickfont": {"size": size, "color": TEXT_2},
    }


def _heads(sheet: _Sheet) -> list[Part]:
    own = {"xref": "paper", "x": 0, "xanchor": "right", "xshift": -8, "yanchor": "middle"}
    return [note(f"<b>{plain(title)}</b>", y=y, **own) for y, title in sheet.heads]


def _columns(sheet: _Sheet, height: int) -> list[Part]:
    if height < LABELLED:
        return []
    own = {"xref": "paper", "x": 1, "xanchor": "right", "yanchor": "middle", "name": "wide"}
    top = {**own, "y": -0.6, "yanchor": "bottom"}
    cells = [note("gate", **{**top, "xshift": 66}), note("failed", **{**top, "xshift": 112})]
    for y, lane in sheet.rows:
        never = lane.gate is None and bool(lane.state) and lane.state != "starting"
        colour = state("failed") if never else TEXT_1 if lane.state else TEXT_2
        text = "never" if never else age(lane.gate)
        cells.append(note(text, y=y, **own, xshift=66, font={"size": 11.5, "color": colour}))
        if lane.state:
            tint = cause("false_start") if lane.failures else TEXT_3
            words = str(lane.failures or "·")
            cells.append(note(words, y=y, **own, xshift=112, font={"size": 11.5, "color": tint}))
    return cells


def _clipped(sheet: _Sheet) -> list[Part]:
    own = {"x": sheet.end, "xanchor": "right", "yanchor": "middle", "bgcolor": SURFACE, "borderpad": 2}
    notes = []
    for y, lane in sheet.rows:
        for bar in lane.bars:
            if bar.end > sheet.end and not (lane.running and bar.status == "running"):
                colour = state("failed") if bar.status in BAD else TEXT_2
                words = f"{plain(bar.name)} {SAID[bar.status]} after {duration(bar.end - bar.start)} ▸"
                notes.append(note(words, y=y, **own, font={"size": 11.5, "color": colour}))
                break
    return notes
