"""Failures by boot age."""

import pytest

from dashboard.figures.ages import ages, binned, folded
from dashboard.figures.lanes import Bar
from tests.dashboard.figures.validity import notes, validated

BANDS = (Bar(name="init", index=0, start=0.0, end=0.4), Bar(name="services", index=1, start=0.4, end=3.0))


def test_plotly_accepts_it() -> None:
    figure = ages([(2.0, "false_start", 1), (5.0, "application", 2)], BANDS, 2, gate=3.0, listening=1.0)
    assert len(validated(figure).data) == 2


def test_plotly_accepts_a_release_that_reported_nothing() -> None:
    assert validated(ages([], (), 0, gate=None, listening=None)).layout.height == 290


def test_each_failure_counts_for_what_it_stands_for() -> None:
    assert binned([(0.3, "policy", 5), (0.35, "policy", 1), (0.9, "crash", 1)], 0.25, 4) == {
        "policy": [0, 6, 0, 0],
        "crash": [0, 0, 0, 1],
    }


def test_what_opened_before_the_process_counts_in_the_first_bin() -> None:
    assert binned([(-3.0, "false_start", 1)], 0.25, 2) == {"false_start": [1, 0]}


def test_at_most_four_causes_are_coloured() -> None:
    names = ("false_start", "failed_phase", "application", "crash", "policy")
    failures = [(1.0, name, 10 - place) for place, name in enumerate(names)]
    assert {name for _, name, _ in folded(failures)} == {
        "false_start",
        "failed_phase",
        "application",
        "other",
    }


def test_what_failed_hours_later_is_counted_and_does_not_stretch_the_axis() -> None:
    figure = ages([(2.0, "false_start", 1), (9000.0, "application", 3)], BANDS, 2, gate=3.0, listening=1.0)
    assert ("3 later ▸" in notes(figure), figure["layout"]["xaxis"]["range"][1]) == (
        True,
        pytest.approx(6.75, abs=0.75),
    )


def test_sockets_are_counted_in_whole_numbers() -> None:
    figure = ages([(2.0, "false_start", 13)], BANDS, 2, gate=3.0, listening=1.0)
    assert figure["layout"]["yaxis"]["dtick"] == 3


def test_the_gate_is_the_brightest_line() -> None:
    shapes = ages([(2.0, "false_start", 1)], BANDS, 2, gate=3.0, listening=1.0)["layout"]["shapes"]
    (gate,) = [shape for shape in shapes if shape["type"] == "line"]
    assert (gate["x0"], gate["line"]) == (3.0, {"color": "fs:gate", "width": 2.5})
