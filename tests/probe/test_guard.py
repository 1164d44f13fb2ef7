import logging

import pytest
from falsestart.guard import guarded, say_once


def test_a_fault_of_the_probe_stays_inside_and_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    @guarded
    def break_down() -> None:
        raise LookupError("inside")

    break_down()
    break_down()
    expected = "and goes on without it: LookupError('inside')"
    assert [record.message[-len(expected) :] for record in caplog.records] == [expected]


def test_what_ends_a_process_is_not_held_back() -> None:
    @guarded
    def leave() -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        leave()


def test_different_matters_are_both_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        say_once("a", "first %d", 1)
        say_once("b", "second")
        say_once("a", "first %d", 2)
    assert [record.message for record in caplog.records] == ["first 1", "second"]
