"""What the worker says of its tasks."""

import logging
from types import SimpleNamespace

import pytest

from dashboard.logs import tasks
from dashboard.logs.lines import context

TASK = SimpleNamespace(name="ingest.sweep")


@pytest.fixture(autouse=True)
def heard(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "falsestart.task")


def test_the_lines_of_a_task_say_which_it_is() -> None:
    tasks.task_begins(task_id="t-1", task=TASK)
    during = dict(context.get())
    tasks.task_ends(task_id="t-1", task=TASK, state="SUCCESS")
    assert (during, dict(context.get())) == ({"task_id": "t-1", "task_name": "ingest.sweep"}, {})


@pytest.mark.parametrize(
    ("state", "took", "level"),
    [("SUCCESS", 0.0, "DEBUG"), ("SUCCESS", tasks.SLOW + 1, "INFO"), ("FAILURE", 0.0, "INFO")],
)
def test_a_task_is_told_where_it_is_slow_or_fails(
    state: str, took: float, level: str, caplog: pytest.LogCaptureFixture
) -> None:
    tasks.task_begins(task_id="t-2", task=TASK)
    tasks._began["t-2"] -= took
    tasks.task_ends(task_id="t-2", task=TASK, state=state)
    told = caplog.records[-1]
    said = (told.levelname, told.getMessage(), vars(told)["duration_ms"] >= 1000 * took)
    assert said == (level, f"task ingest.sweep {state.lower()}", True)


def test_an_end_without_a_beginning_is_no_accident(caplog: pytest.LogCaptureFixture) -> None:
    tasks.task_ends(task_id="t-3", task=TASK)
    assert caplog.records[-1].getMessage() == "task ingest.sweep ended"
