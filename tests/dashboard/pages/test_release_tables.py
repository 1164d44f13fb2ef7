"""The tables of a release page."""

import pytest

from dashboard.pages.release_tables import ages_twin, cause_rows, gantt_twin
from dashboard.queries.release import release
from tests.dashboard import builder

pytestmark = pytest.mark.django_db


def test_causes_are_counted_for_what_samples_stand_for_unexpected_ones_first() -> None:
    made = builder.boot("r2", listening=2.0)
    builder.socket(made, 2.1, stands_for=40)
    builder.socket(made, 2.2, certainty="ambiguous", code=None, reason="KeyError: 'x'")
    builder.socket(made, 2.3, "gated", code=1013, stands_for=99)
    found = release("chat-backend", "staging", "r2")
    assert found is not None
    rows = cause_rows(found)
    assert [(row.cause, row.expected, row.count, row.codes) for row in rows] == [
        ("false_start", False, 41, "1011, no close frame"),
        ("gated", True, 99, "1013"),
    ]
    assert rows[0].certainties == [("ambiguous", 1), ("certain", 40)]


def test_the_twin_of_the_gantt_has_a_row_a_boot_and_a_column_a_phase() -> None:
    builder.boot("r2", ident="b1", broken=("database", "timeout", "after 25.0 s"), state="failed")
    found = release("chat-backend", "staging", "r2")
    assert found is not None
    twin = gantt_twin(found, ["init", "database"])
    assert [cell.text for cell in twin.rows[0]] == ["b1", "failed", "—", "—", "0", "140 ms", "timeout 580 ms"]


def test_the_twin_of_the_ages_has_a_row_a_bin_that_is_not_empty() -> None:
    twin = ages_twin("r2", [(0.3, "false_start", 2), (2.1, "crash", 1)], 0.5)
    assert [[cell.text for cell in row] for row in twin.rows] == [
        ["0 s", "500 ms", "2", "0"],
        ["2.00 s", "2.50 s", "0", "1"],
    ]
