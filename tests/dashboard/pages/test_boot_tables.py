"""The tables of a boot page."""

import pytest

from dashboard.pages.boot_tables import carried, check_rows, covered, result_of, self_times
from dashboard.queries.rows import CheckRow, PhaseRow


def run(name: str, start: float, end: float | None, parent: str = "") -> PhaseRow:
    return PhaseRow(
        boot_id=1, name=name, run=0, order=0, parent=parent, status="ok", kind="work", required=True,
        started_age=start, ended_age=end, error="",
    )  # fmt: skip


def check(*, ok: bool = False, waited: float | None = None, budget: float | None = None) -> CheckRow:
    return CheckRow(name="readiness", ok=ok, waited=waited, budget=budget, age=2.0, phase="")


def test_self_time_is_what_nothing_inside_took() -> None:
    rows = [run("services", 1.0, 5.0), run("a", 1.5, 3.0, "services"), run("b", 2.0, 4.0, "services")]
    assert [(row.name, took) for row, took in self_times(rows)] == [("services", 1.5), ("a", 1.5), ("b", 2.0)]


def test_what_has_not_ended_has_no_self_time() -> None:
    assert self_times([run("services", 1.0, None)]) == []


def test_overlapping_spans_are_covered_once() -> None:
    assert covered([(0.0, 2.0), (1.0, 3.0), (5.0, 6.0)]) == 4.0


@pytest.mark.parametrize(
    ("row", "result"),
    [
        (check(ok=True, waited=0.0, budget=2.1), "ok"),
        (check(waited=0.000157, budget=2.1), "did not wait"),
        (check(waited=2.1, budget=2.1), "used it up"),
        (check(waited=1.0, budget=2.1), "failed"),
        (check(waited=1.0), "failed"),
    ],
)
def test_a_check_is_called_what_it_did(row: CheckRow, result: str) -> None:
    assert result_of(row) == result


def test_checks_that_ended_alike_are_one_line() -> None:
    lines = check_rows([check(waited=0.0001, budget=2.1), check(waited=0.0002, budget=2.1), check(ok=True)])
    assert [(line.times, line.result, line.waited) for line in lines] == [
        (2, "did not wait", 0.0002),
        (1, "ok", None),
    ]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"kind":"phase.started","seq":1,"age":0.1,"phase":"init"}', "phase init"),
        ('{"kind":"x","nested":{"a":[1]}}', 'nested {"a":[1]}'),
        ("not json", "not json"),
        ("[1]", "[1]"),
    ],
)
def test_an_event_shows_what_it_carries(body: str, words: str) -> None:
    assert carried(body) == words
