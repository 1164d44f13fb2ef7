"""What all figures share: paper, axes, annotations. A figure is a plain dict that Plotly understands."""

import math
from typing import Any

from dashboard.figures.tokens import CLEAR, LINE, LINE_STRONG, TEXT_1, TEXT_2

Figure = dict[str, Any]
Part = dict[str, Any]

FONT = 12  # px
TICK = 11.5  # px
STEPS = (1, 2, 2.5, 5, 10)  # per power of ten
MOST_LINES = 8  # grid lines along an axis


def layout(**own: object) -> Part:
    """Return a layout on the page's own paper, without box, legend and title: those are HTML."""
    return {
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "font": {"family": "fs:font", "size": FONT, "color": TEXT_2},
        "showlegend": False,
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": "fs:surface-3",
            "bordercolor": LINE_STRONG,
            "align": "left",
            "font": {"family": "fs:font", "size": FONT, "color": TEXT_1},
        },
        "barmode": "overlay",
        **own,
    }


def axis(**own: object) -> Part:
    """Return an axis with hairline grid and neither line nor ticks."""
    return {
        "gridcolor": LINE,
        "gridwidth": 1,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "tickfont": {"size": TICK, "color": TEXT_2},
        "fixedrange": True,
        **own,
    }


def titled(text: str, standoff: int = 8) -> Part:
    """Return an axis title: lower case, with its unit."""
    return {"text": text, "font": {"size": TICK, "color": TEXT_2}, "standoff": standoff}


def note(text: str, **own: object) -> Part:
    """Return words in the plot, by default to the right of and above their point."""
    return {
        "text": text,
        "showarrow": False,
        "xanchor": "left",
        "yanchor": "bottom",
        "font": {"size": TICK, "color": TEXT_2},
        **own,
    }


def box(x0: float, x1: float, y0: float, y1: float, colour: str, **own: object) -> Part:
    """Return a filled rectangle below the traces."""
    place = {"x0": x0, "x1": x1, "y0": y0, "y1": y1}
    return {"type": "rect", **place, "fillcolor": colour, "line": {"width": 0}, "layer": "below", **own}


def upright(x: float, y0: float, y1: float, line: Part, **own: object) -> Part:
    """Return a vertical line."""
    return {"type": "line", "x0": x, "x1": x, "y0": y0, "y1": y1, "line": line, **own}


def step(span: float, most: int = MOST_LINES) -> float:
    """Return a round distance between ticks, so that at most `most` fit into `span`."""
    if span <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(span / most))
    return next((s * power for s in STEPS if span / (s * power) <= most), 10 * power)


def plain(text: str) -> str:
    """Make a text from outside safe for Plotly, which reads a small HTML in its labels."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def coloured(text: str, colour: str) -> str:
    """Colour a piece of a label; the text must be safe already."""
    return f'<span style="color:{colour}">{text}</span>'
