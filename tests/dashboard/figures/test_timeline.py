"""One boot by age."""

from typing import Any

from dashboard.figures.lanes import Bar, Lane, Mark
from dashboard.figures.timeline import timeline
from tests.dashboard.figures.validity import notes, validated

BARS = (
    Bar(name="database", index=0, start=0.0, end=1.0),
    Bar(name="pool.connect", index=0, start=0.1, end=0.6, kind="wait", child=True),
    Bar(name="services", index=1, start=1.0, end=3.0),
)


def lane(**fields: Any) -> Lane:
    return Lane(label="7db5ae", **{"bars": BARS, "gate": 3.0, "listening": 1.5, "extent": 9.0, **fields})


def test_plotly_accepts_it() -> None:
    marks = (Mark(age=2.0, cause="false_start"), Mark(age=3.2, cause="worked"))
    figure = timeline(lane(marks=marks), 2, BARS)
    assert len(validated(figure).data) == len(figure["data"])


def test_plotly_accepts_a_boot_that_reported_nothing() -> None:
    assert validated(timeline(Lane(label="x"), 0)).layout.height == 103


def test_sockets_lie_on_the_bottom_row() -> None:
    trace = timeline(lane(marks=(Mark(age=2.0, cause="false_start"),)), 2)["data"][-1]
    assert (trace["x"], trace["y"]) == ([2.0], [3])


def test_gate_and_listening_are_named_with_their_age() -> None:
    assert {"listening 1.50 s", "<b>gate 3.00 s</b>"} <= set(notes(timeline(lane(), 2)))


def test_waiting_is_hatched_and_work_is_not() -> None:
    first = timeline(lane(), 2)["data"][0]
    assert first["marker"]["pattern"]["shape"] == ["", "/"]


def test_the_phase_that_runs_is_told_to_grow() -> None:
    bars = (*BARS[:2], Bar(name="services", index=1, start=1.0, end=2.0, status="running"))
    figure = timeline(lane(bars=bars, gate=None, running=True, extent=2.0), 2)
    assert figure["layout"]["meta"]["running"] == [[1, 0]]
