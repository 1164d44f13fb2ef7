from typing import Any

from falsestart.inheritance import inherited

Event = dict[str, Any]


def started(phase: str, age: float) -> Event:
    return {"seq": 1, "kind": "phase.started", "phase": phase, "age": age}


def finished(phase: str, age: float) -> Event:
    return {"seq": 2, "kind": "phase.finished", "phase": phase, "status": "ok", "age": age}


def told(history: list[Event], age: float) -> list[tuple[str, str, float]]:
    return [(event["kind"][6:], event["phase"], event["age"]) for event in inherited(history, age)]


def test_what_was_done_before_the_fork_is_the_childs_at_negative_ages() -> None:
    history = [started("database", 1.0), finished("database", 3.0)]
    assert told(history, 5.0) == [("started", "database", -4.0), ("finished", "database", -2.0)]


def test_a_phase_that_runs_at_the_fork_stays_the_parents() -> None:
    history = [started("a", 1.0), started("b", 1.5), finished("b", 2.0)]
    assert told(history, 2.0) == [("started", "b", -0.5), ("finished", "b", 0.0)]


def test_of_a_phase_that_runs_again_only_the_run_that_ended_is_taken_over() -> None:
    history = [started("a", 1.0), finished("a", 2.0), started("a", 3.0)]
    assert told(history, 4.0) == [("started", "a", -3.0), ("finished", "a", -2.0)]


def test_the_parents_own_story_is_not_changed() -> None:
    history = [started("a", 1.0), finished("a", 2.0), {"seq": 3, "kind": "boot.ready", "age": 2.5}]
    before = [dict(event) for event in history]
    assert ([event["age"] for event in inherited(history, 3.0)], history) == ([-2.0, -1.0, -0.5], before)
