"""What Plotly itself says of a figure, once its colour tokens are colours."""

from typing import Any

import plotly.graph_objects

COLOUR = "#123456"


def validated(figure: dict[str, Any]) -> plotly.graph_objects.Figure:
    """Return the figure as Plotly's own object; ValueError for anything it does not know."""
    return plotly.graph_objects.Figure(_painted(figure))


def _painted(part: Any) -> Any:
    if isinstance(part, str) and part.startswith("fs:"):
        return "Inter" if part == "fs:font" else COLOUR
    if isinstance(part, dict):
        return {key: _painted(value) for key, value in part.items()}
    return [_painted(item) for item in part] if isinstance(part, list) else part


def notes(figure: dict[str, Any]) -> list[str]:
    """Return the words in the plot."""
    return [note["text"] for note in figure["layout"]["annotations"]]
