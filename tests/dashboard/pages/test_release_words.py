"""What a release page says in words."""

from dataclasses import replace

import pytest

from dashboard.pages.release_words import Story, ages_title, gantt_title, title_of

CALM = Story(
    release="r2", normal="r1", boots=24, states={"ready": 24}, bad=0, unexpected={}, expected=0, racing=0,
    early=0, gate=4.56, gates=24, normal_gate=3.16, normal_gates=31, exposure=None, exposed=0,
    gateless=0, roles=("service",), deployed=False,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({}, "r2 starts clean: 24 boots, no socket failed"),
        ({"unexpected": {"false_start": 43}, "racing": 15}, "r2: 43 false starts in 15 of 24 boots"),
        ({"unexpected": {"failed_phase": 8}}, "r2 serves behind a failed phase: 8 sockets failed"),
        ({"bad": 2}, "r2: 2 of 24 boots in trouble"),
        ({"unexpected": {"application": 1}}, "r2 starts without a race; 1 socket failed after the gate"),
        ({"boots": 1, "gates": 0}, "r2: 1 boot, none at the gate yet"),
        ({"boots": 0, "gates": 0}, "No boot of r2 has reported yet"),
        ({"boots": 0, "gates": 0, "deployed": True}, "r2 is deployed; no boot of it has reported yet"),
        ({"deployed": True}, "r2 starts clean: 24 boots, no socket failed"),
    ],
)
def test_the_title_is_the_answer(changes: dict[str, object], title: str) -> None:
    assert title_of(replace(CALM, **changes)) == title  # type: ignore[arg-type]


def test_the_gantt_says_how_long_boots_are_exposed() -> None:
    exposed = replace(CALM, exposure=2.56, exposed=24, unexpected={"false_start": 1})
    assert gantt_title(exposed) == "Boots listen 2.56 s before they are safe, and clients walk in"


def test_the_gantt_says_that_nobody_was_exposed() -> None:
    assert gantt_title(CALM) == "24 of 24 boots passed the gate, none listened before it"


def test_the_gantt_says_that_a_gate_never_came() -> None:
    story = replace(CALM, gates=0, gate=None, gateless=9)
    assert gantt_title(story) == "9 boots listened without having passed the gate"


def test_failures_by_age_say_how_many_came_before_the_gate() -> None:
    story = replace(CALM, unexpected={"false_start": 41, "application": 2}, early=41)
    assert (ages_title(story, 4.56), ages_title(CALM, 4.56)) == (
        "41 of 43 failures opened before the gate",
        "No socket failed unexpectedly",
    )


def test_the_gate_comes_later_by_the_difference_of_medians() -> None:
    assert CALM.later == pytest.approx(1.40)


def test_without_a_boot_no_figure_concludes_anything() -> None:
    story = replace(CALM, boots=0, gates=0, gate=None, deployed=True)
    assert (gantt_title(story), ages_title(story, None)) == (
        "The first boot will appear here by itself",
        "No socket has been seen yet",
    )
