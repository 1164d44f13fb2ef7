"""Colours by name."""

import re
from pathlib import Path

from dashboard.figures import tokens
from ingest.domain.words import BootState, Cause

CSS = Path(tokens.__file__).parent.parent / "static/css/tokens.css"


def test_every_cause_has_a_shape() -> None:
    assert set(tokens.SYMBOLS) == {*Cause, "other"}


def test_every_token_is_a_colour_of_the_style_sheet() -> None:
    named = {tokens.cause(cause) for cause in Cause} | {tokens.state(state) for state in BootState}
    named |= {tokens.GATE, tokens.BASELINE, tokens.ACCENT, tokens.EXPOSURE, tokens.EXPOSURE_AREA, tokens.LINE}
    known = {f"fs:{name}" for name in re.findall(r"--fs-([a-z0-9-]+):", CSS.read_text())}
    assert named - known == set()


def test_an_expected_refusal_is_a_ring_and_not_a_dot() -> None:
    assert tokens.marker("gated", 9)["color"] == tokens.SURFACE
