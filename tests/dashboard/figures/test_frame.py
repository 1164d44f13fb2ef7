"""What all figures share."""

import pytest

from dashboard.figures import frame


@pytest.mark.parametrize(
    ("span", "most", "step"), [(8.0, 8, 1.0), (0.9, 8, 0.2), (43.0, 6, 10.0), (0.0, 8, 1.0)]
)
def test_ticks_are_round_and_few(span: float, most: int, step: float) -> None:
    assert frame.step(span, most) == pytest.approx(step)


def test_a_name_from_outside_cannot_be_markup() -> None:
    assert frame.plain("<b>&</b>") == "&lt;b&gt;&amp;&lt;/b&gt;"
