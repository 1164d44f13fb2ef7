"""What a figure draws of a boot."""

import pytest

from dashboard.figures.lanes import Bar, Lane, Mark, alike, crowded, scale


def lane(end: float, **fields: float | bool) -> Lane:
    return Lane(label="b", bars=(Bar(name="init", index=0, start=0, end=end),), **fields)  # type: ignore[arg-type]


def test_the_axis_holds_every_boot_but_outliers() -> None:
    assert scale([lane(4.0), lane(5.0), lane(4.5), lane(60.0)]) == pytest.approx(1.8 * 4.75 * 1.04)


def test_the_axis_holds_every_gate_also_an_outliers() -> None:
    assert scale([lane(4.0), lane(4.0), lane(12.0, gate=12.0)]) == pytest.approx(12.0 * 1.04)


def test_a_boot_that_hangs_in_its_start_does_not_stretch_the_axis() -> None:
    assert scale([lane(4.0), lane(900.0, running=True, extent=900.0)]) == pytest.approx(4.0 * 1.3 * 1.04)


def test_failures_behind_a_gate_that_never_comes_widen_the_axis_to_twice_the_phases() -> None:
    marks = tuple(Mark(age=float(age), cause="failed_phase") for age in (3, 9, 30))
    lanes = [Lane(label="b", bars=lane(4.0).bars, marks=marks)]
    assert scale(lanes) == pytest.approx(8.0 * 1.04)


def test_six_marks_on_one_spot_become_one_with_their_number() -> None:
    marks = [Mark(age=2.0 + place / 1000, cause="false_start") for place in range(6)]
    assert [count for _, count in crowded(marks, 8.0)] == [6]


def test_marks_that_become_one_count_for_all_that_their_samples_stand_for() -> None:
    marks = [Mark(age=2.0, cause="false_start", stands_for=1 + place) for place in range(6)]
    assert [count for _, count in crowded(marks, 8.0)] == [21]


def test_five_marks_on_one_spot_stay_five() -> None:
    marks = [Mark(age=2.0 + place / 1000, cause="false_start") for place in range(5)]
    assert [count for _, count in crowded(marks, 8.0)] == [1] * 5


def test_a_skipped_phase_is_drawn_apart_from_one_that_ran() -> None:
    bars = [
        Bar(name="cache", index=3, start=1, end=2, status=status) for status in ("ok", "skipped", "failed")
    ]
    assert alike(bars) == [[0, 2], [1]]
