"""Colours by name: one script in the page turns them into the theme's, so a new theme needs no new data."""

TEXT_1, TEXT_2, TEXT_3 = "fs:text-1", "fs:text-2", "fs:text-3"
LINE, LINE_STRONG = "fs:line", "fs:line-strong"
SURFACE, SURFACE_2 = "fs:surface-1", "fs:surface-2"
GATE, BASELINE, ACCENT = "fs:gate", "fs:baseline", "fs:accent"
EXPOSURE, EXPOSURE_AREA = "fs:exposure", "fs:exposure-area"
CLEAR = "rgba(0,0,0,0)"

# Shape and stroke tell causes apart; hue only helps.
SYMBOLS = {
    "false_start": "circle",
    "failed_phase": "diamond",
    "gated": "circle",
    "policy": "square-open",
    "crash": "triangle-down",
    "application": "square",
    "overload": "triangle-up",
    "keepalive": "hourglass",
    "drain": "circle-open-dot",
    "peer": "line-ns-open",
    "unexplained": "cross-thin-open",
    "unattributed": "x-thin-open",
    "other": "circle-open",
}
HOLLOW = frozenset({"gated"})  # Drawn as a ring: filled with the surface.


def phase(index: int, total: int) -> str:
    """Name the colour of phase `index` (from 0) of `total` on the ramp."""
    return f"fs:phase:{index}/{max(total, 1)}"


def cause(name: str) -> str:
    """Name the colour of a cause; `other` is what the chart folds together."""
    return TEXT_2 if name == "other" else f"fs:cause-{name.replace('_', '-')}"


def state(name: str) -> str:
    """Name the colour of a boot state."""
    return f"fs:state-{name.replace('_', '-')}"


def marker(name: str, size: float) -> dict[str, object]:
    """Return the marker of a cause with its halo in the surface's colour, so that it holds on any phase."""
    symbol, colour = SYMBOLS[name], cause(name)
    if name in HOLLOW:
        return {"symbol": symbol, "size": size, "color": SURFACE, "line": {"color": colour, "width": 2}}
    if symbol.endswith(("-open", "-dot")):
        return {"symbol": symbol, "size": size, "color": colour, "line": {"color": colour, "width": 2}}
    return {"symbol": symbol, "size": size, "color": colour, "line": {"color": SURFACE, "width": 1.5}}
