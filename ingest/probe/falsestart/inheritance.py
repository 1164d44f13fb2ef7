"""What a forked process has from its parent: what was done before the fork is done for it too. Pure."""

from collections.abc import Iterable

from falsestart.recorder import Event

STARTED, FINISHED = "phase.started", "phase.finished"
INHERITED = frozenset({STARTED, FINISHED, "boot.ready", "boot.degraded", "boot.failed"})
REMEMBERED = 200  # events of a life that its children can inherit


def inherited(history: Iterable[Event], age: float) -> list[Event]:
    """The parent's events as a child's that was forked at the parent's `age`: their ages are negative.

    A phase that was running at the fork is left out: its end belongs to the process that started it.
    """
    kept: list[Event] = []
    running: dict[str, list[Event]] = {}
    for event in history:
        moved = {**event, "age": event["age"] - age}
        kept.append(moved)
        if event["kind"] == STARTED:
            running.setdefault(event["phase"], []).append(moved)
        elif event["kind"] == FINISHED and running.get(event["phase"]):
            running[event["phase"]].pop()
    unfinished = {id(event) for events in running.values() for event in events}
    return [event for event in kept if id(event) not in unfinished]
