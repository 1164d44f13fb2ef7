"""The boots of a release by age."""

from typing import Any

from dashboard.figures.gantt import gantt
from dashboard.figures.lanes import Bar, Group, Lane, Mark
from tests.dashboard.figures.validity import notes, validated

PHASES = ["init", "services"]


def boot(label: str = "7db5ae", gate: float | None = 3.0, **fields: Any) -> Lane:
    own = {
        "bars": (
            Bar(name="init", index=0, start=0.0, end=1.0),
            Bar(name="services", index=1, start=1.0, end=gate or 3.0),
        ),
        "state": "ready",
        "listening": 2.0,
        "extent": 5.0,
        **fields,
    }
    return Lane(label=label, gate=gate, **own)


def draw(*lanes: Lane, **fields: Any) -> dict[str, Any]:
    return gantt([Group(title=f"Ready · {len(lanes)}", lanes=lanes)], PHASES, **fields)


def test_plotly_accepts_it() -> None:
    marks = (Mark(age=2.5, cause="false_start", words=("false start · code 1011",)),)
    reference = Lane(label="r1 median", bars=(Bar(name="init", index=0, start=0, end=1),), gate=2.0)
    figure = draw(boot(marks=marks), reference=reference, gate=3.0)
    assert len(validated(figure).data) == len(figure["data"])


def test_plotly_accepts_a_release_without_boots() -> None:
    assert validated(gantt([], [])).layout.height == 101


def test_a_failure_lies_on_its_boot_at_its_age_in_its_shape() -> None:
    figure = draw(boot(), boot(marks=(Mark(age=2.5, cause="failed_phase"),)))
    trace = figure["data"][-1]
    assert (trace["x"], trace["y"], trace["marker"]["symbol"]) == ([2.5], [2], "diamond")


def test_the_exposure_reaches_from_listening_to_the_gate() -> None:
    (shape,) = draw(boot())["layout"]["shapes"]
    assert (shape["x0"], shape["x1"], shape["fillcolor"]) == (2.0, 3.0, "fs:exposure")


def test_a_boot_that_listened_after_its_gate_was_not_exposed() -> None:
    assert draw(boot(listening=3.5))["layout"]["shapes"] == []


def test_a_boot_that_starts_is_told_to_grow_and_so_is_its_exposure() -> None:
    bars = (Bar(name="init", index=0, start=0.0, end=2.5, status="running"),)
    figure = draw(boot(), boot(gate=None, bars=bars, state="starting", running=True, extent=2.5))
    meta = figure["layout"]["meta"]
    assert (meta["running"], meta["growing"]) == ([[0, 1]], [1])


def test_a_phase_that_leaves_the_axis_says_so() -> None:
    bars = (Bar(name="init", index=0, start=0.0, end=90.0, status="timeout"),)
    figure = draw(*[boot()] * 4, boot(gate=None, bars=bars, state="failed"))
    assert "init times out after 1 min 30 s ▸" in notes(figure)


def test_a_failed_phase_is_hatched_and_outlined() -> None:
    bars = (Bar(name="init", index=0, start=0.0, end=1.0, status="failed"),)
    marker = draw(boot(bars=bars))["data"][0]["marker"]
    assert (marker["pattern"]["shape"], marker["line"]["color"]) == (["/"], ["fs:state-failed"])


def test_rows_get_thinner_as_boots_get_many() -> None:
    heights = [draw(*[boot()] * number)["layout"]["height"] for number in (60, 61, 151)]
    assert [
        round((height - 80) / (number + 1.35)) for height, number in zip(heights, (60, 61, 151), strict=True)
    ] == [21, 12, 4]


def test_a_hostile_label_stays_text() -> None:
    (text,) = draw(boot(label="<img src=x>"))["layout"]["yaxis"]["ticktext"]
    assert "<img" not in text
