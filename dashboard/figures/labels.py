"""The name of a lane: id, state word and glyph, so that a boot reads without its colour."""

from dashboard.figures.frame import coloured, plain
from dashboard.figures.lanes import Lane
from dashboard.figures.tokens import TEXT_1, TEXT_2, state

GLYPHS = {
    "ready": "●", "starting": "◔", "degraded": "▲", "failed_serving": "◆", "failed": "✕", "killed": "■",
    "crashed": "▼", "silent": "○", "stopped": "□", "draining": "◒",
}  # fmt: skip


def label(lane: Lane) -> str:
    """Return id, state and glyph; a lane without a state is a reference and has its name alone."""
    if not lane.state:
        return coloured(f"{plain(lane.label)} ", TEXT_2)
    words = coloured(lane.state.replace("_", ", ", 1), TEXT_2)
    return f"{_linked(lane)}  {words} {_glyph(lane)} "


def short_label(lane: Lane) -> str:
    """Return id and glyph, as a phone has room for."""
    return f"{_linked(lane)} {_glyph(lane)} " if lane.state else coloured("median ", TEXT_2)


def _glyph(lane: Lane) -> str:
    return coloured(GLYPHS.get(lane.state, "○"), state(lane.state))


def _linked(lane: Lane) -> str:
    text = coloured(plain(lane.label), TEXT_1)
    return f'<a href="{lane.href}" target="_self">{text}</a>' if lane.href else text
