"""Socket failures by the boot age at which the socket opened, with the phases and the gate above them."""

import math
from collections import Counter
from collections.abc import Sequence

from dashboard.figures.frame import Figure, Part, axis, box, layout, note, plain, step, titled, upright
from dashboard.figures.lanes import Bar
from dashboard.figures.numbers import duration, plural
from dashboard.figures.tokens import EXPOSURE_AREA, GATE, SURFACE, TEXT_1, cause, phase

COLOURED = 4  # causes; the rest are `other`
BINS = 32  # at most
AFTER_GATE = 2.0  # times the gate: how far the axis follows what failed later
LEAST = 2.0  # s of axis
HEIGHT = 290  # px
NAMED = 0.12  # of the axis a phase must take for its name
CROWDED_EDGE = 0.72  # of the axis; beyond, a name to the right of its line would be cut
OTHER = "other"
HATCHED = {"failed_phase": "\\", "crash": "x", "overload": ".", OTHER: "/"}

Failure = tuple[float, str, int]  # age when it opened in s, cause, how many it stands for


def folded(failures: Sequence[Failure]) -> list[Failure]:
    """Fold all but the most frequent causes into `other`."""
    counted: Counter[str] = Counter()
    for _, name, number in failures:
        counted[name] += number
    kept = [name for name, _ in counted.most_common()]
    if len(kept) > COLOURED:
        kept = kept[: COLOURED - 1]
    return [(age, name if name in kept else OTHER, number) for age, name, number in failures]


def binned(failures: Sequence[Failure], width: float, bins: int) -> dict[str, list[int]]:
    """Count failures by cause in bins of `width` s from age 0; what opened earlier counts in the first."""
    found: dict[str, list[int]] = {}
    for age, name, number in failures:
        place = max(int(age // width), 0)
        if place < bins:
            found.setdefault(name, [0] * bins)[place] += number
    return found


def ages(
    failures: Sequence[Failure],
    bands: Sequence[Bar],
    total: int,
    *,
    gate: float | None,
    listening: float | None,
) -> Figure:
    """Draw unexpected failures by age in seconds; `bands` are the median phases of `total` colours."""
    end = reach([age for age, _, _ in failures], bands, gate)
    width = step(end, BINS)
    bins = max(int(-(-end // width)), 1)
    end = bins * width
    counts = binned(folded(failures), width, bins)
    tallest = max([sum(column) for column in zip(*counts.values(), strict=True)], default=0)
    later = sum(number for age, _, number in failures if age >= end)
    return {
        "data": [_bars(name, column, width) for name, column in counts.items()],
        "layout": layout(
            uirevision="ages",
            barmode="stack",
            bargap=0.12,
            height=HEIGHT,
            margin={"l": 44, "r": 16, "t": 38, "b": 44},
            shapes=[*_strip(bands, total, end), *_lines(gate, listening, end)],
            annotations=[*_names(bands, end), *_words(gate, listening, end, later)],
            xaxis=axis(
                range=[0, end],
                dtick=step(end),
                showgrid=False,
                title=titled("boot age when the socket opened, s"),
            ),
            yaxis=axis(
                range=[0, max(tallest * 1.18, 4)],
                dtick=math.ceil(step(max(tallest, 4), 6)),
                title=titled("failed sockets", 6),
            ),
        ),
    }


def bin_width(failures: Sequence[Failure], bands: Sequence[Bar], gate: float | None) -> float:
    """Return the width of a bin in seconds."""
    return step(reach([age for age, _, _ in failures], bands, gate), BINS)


def reach(opened: Sequence[float], bands: Sequence[Bar], gate: float | None) -> float:
    """Return the end of the axis in seconds: the start in full, and what follows it as far as it helps."""
    start = max([bar.end for bar in bands] + [gate or 0.0, LEAST])
    latest = max(opened, default=0.0)
    return max(start * 1.1, min(latest, start * AFTER_GATE) if gate is not None else latest) * 1.001


def _bars(name: str, column: Sequence[int], width: float) -> Part:
    words = name.replace("_", " ")
    spans = [
        f"opened at {duration(place * width)} to {duration((place + 1) * width)}"
        for place in range(len(column))
    ]
    pattern = {
        "shape": HATCHED.get(name, ""),
        "size": 5,
        "solidity": 0.3,
        "fgcolor": SURFACE,
        "fillmode": "overlay",
    }
    return {
        "type": "bar",
        "x": [(place + 0.5) * width for place in range(len(column))],
        "y": list(column),
        "width": width * 0.86,
        "marker": {"color": cause(name), "line": {"width": 0}, "pattern": pattern},
        "hovertext": [
            f"<b>{words}</b> {plural(number, 'socket')}<br>{span}"
            for number, span in zip(column, spans, strict=True)
        ],
        "hoverinfo": "text",
    }


def _strip(bands: Sequence[Bar], total: int, end: float) -> list[Part]:
    own = {"yref": "paper", "layer": "above"}
    return [
        {**box(bar.start, min(bar.end, end), 1.015, 1.05, phase(bar.index, total)), **own}
        for bar in bands
        if bar.start < end
    ]


def _names(bands: Sequence[Bar], end: float) -> list[Part]:
    own = {"yref": "paper", "y": 1.055, "xanchor": "center"}
    wide = [bar for bar in bands if min(bar.end, end) - bar.start > NAMED * end]
    return [note(plain(bar.name), x=(bar.start + min(bar.end, end)) / 2, **own) for bar in wide]


def _lines(gate: float | None, listening: float | None, end: float) -> list[Part]:
    shapes: list[Part] = []
    if listening is not None and listening < (end if gate is None else gate):
        shapes.append(box(listening, min(gate or end, end), 0, 1, EXPOSURE_AREA, yref="paper"))
    if gate is not None and gate < end:
        shapes.append(upright(gate, 0, 1.05, {"color": GATE, "width": 2.5}, yref="paper"))
    return shapes


def _words(gate: float | None, listening: float | None, end: float, later: int) -> list[Part]:
    own = {"yref": "paper", "y": 0.98, "yanchor": "top"}
    notes: list[Part] = []
    if gate is not None and gate < end:
        font = {"size": 12, "color": TEXT_1}
        late = gate > CROWDED_EDGE * end
        place = {"xanchor": "right" if late else "left", "xshift": -8 if late else 8}
        notes.append(note(f"<b>gate</b> {duration(gate)}", x=gate, font=font, **own, **place))
    if listening is not None and listening < (end if gate is None else gate):
        font = {"size": 11.5, "color": cause("false_start")}
        notes.append(note("exposure", x=listening, xshift=6, font=font, **own))
    if later:
        low = gate is not None and gate > CROWDED_EDGE * end
        notes.append(note(f"{later} later ▸", x=end, xanchor="right", **{**own, "y": 0.88 if low else 0.98}))
    return notes
