import pytest

from ingest.domain.words import Cause, Certainty, Origin, Outcome, Role
from tests.ingest.domain.builders import (
    NO_CONTRACT,
    cause,
    closed,
    draining,
    ending,
    exited,
    good_start,
    listening,
    lost,
    ran,
    refused,
    row,
    socket,
    still_open,
    why,
)

DRAINING = [*good_start(), draining(20.0)]
STOPPED = [*good_start(), exited(20.0, signal=15)]
CRASHED = [*good_start(), exited(20.0, signal=9)]


def test_an_end_after_draining_began_is_drain() -> None:
    found = why(closed(9.0, 20.0, 1011, Origin.APP_CLOSE), *DRAINING)
    assert (found.cause, found.expected, found.certainty) == (Cause.DRAIN, True, Certainty.CERTAIN)
    assert row(found, "draining")[:3] == (20.0, "s", "measured")


def test_an_end_before_draining_began_is_not_drain() -> None:
    assert cause(closed(9.0, 19.9, 1011, Origin.APP_CLOSE), *DRAINING) is Cause.APPLICATION


def test_an_exception_while_draining_is_not_drain() -> None:
    assert cause(closed(9.0, 21.0, 1011, Origin.APP_ERROR), *DRAINING) is Cause.APPLICATION


@pytest.mark.parametrize("code", [1001, 1012])
@pytest.mark.parametrize("origin", [Origin.APP_CLOSE, Origin.SERVER_SHUTDOWN, Origin.UNKNOWN])
def test_1001_and_1012_from_the_server_are_drain(code: int, origin: Origin) -> None:
    found = why(closed(9.0, 12.0, code, origin), *good_start())
    assert (found.cause, found.expected) == (Cause.DRAIN, True)


def test_the_servers_word_that_it_shuts_down_is_drain() -> None:
    assert cause(lost(9.0, 12.0, Origin.SERVER_SHUTDOWN), *good_start()) is Cause.DRAIN


def test_a_socket_that_was_early_and_outlived_the_start_may_be_drained() -> None:
    assert cause(closed(3.0, 21.0, 1011, Origin.APP_CLOSE), *DRAINING) is Cause.DRAIN


def test_a_socket_that_was_early_and_did_not_is_a_false_start() -> None:
    events = [*good_start(), draining(10.0)]
    assert cause(closed(3.0, 11.0, 1011, Origin.APP_CLOSE), *events) is Cause.FALSE_START


def test_with_the_gate_unknown_draining_is_unobserved() -> None:
    found = why(closed(9.0, 21.0, 1011, Origin.APP_CLOSE), draining(20.0), contract=NO_CONTRACT)
    assert (found.cause, found.certainty) == (Cause.DRAIN, Certainty.UNOBSERVED)


def test_a_socket_still_open_when_its_boot_ended_in_order_was_drained() -> None:
    found = why(still_open(9.0), *STOPPED)
    assert (found.outcome, found.cause, found.expected) == (Outcome.LOST, Cause.DRAIN, True)
    assert (found.settled, row(found, "ended")[0]) == (True, 20.0)


def test_an_early_socket_still_open_when_its_boot_ended_in_order_was_drained() -> None:
    events = [*good_start(), exited(6.0, code=0)]
    assert cause(still_open(3.0), *events) is Cause.DRAIN


def test_a_socket_still_open_when_its_boot_was_stopped_before_its_gate_is_a_false_start() -> None:
    found = why(still_open(1.0), *ran("database", 0.0, 2.0), exited(3.0, signal=15))
    assert (found.outcome, found.cause, found.margin) == (Outcome.LOST, Cause.FALSE_START, None)


def test_a_socket_lost_just_before_an_exit_in_order_that_nobody_announced_is_taken_for_drained() -> None:
    found = why(lost(9.0, 19.7), *STOPPED)
    assert (found.cause, found.certainty) == (Cause.DRAIN, Certainty.AMBIGUOUS)
    assert cause(lost(9.0, 17.9), *STOPPED) is Cause.UNEXPLAINED


def test_a_socket_lost_just_before_draining_and_exit_is_taken_for_drained_too() -> None:
    found = why(lost(9.0, 19.7), *DRAINING, exited(20.5, code=0))
    assert (found.cause, found.certainty) == (Cause.DRAIN, Certainty.AMBIGUOUS)
    assert cause(lost(9.0, 19.7), *DRAINING, exited(21.8, code=0)) is Cause.UNEXPLAINED


def test_drain_by_another_clock_is_ambiguous_where_it_is_close() -> None:
    close = socket(ending(9.0, 20.5, Role.GATEWAY, code=1011))
    clear = socket(ending(9.0, 21.0, Role.GATEWAY, code=1011))
    assert why(close, *DRAINING).certainty is Certainty.AMBIGUOUS
    assert why(clear, *DRAINING).certainty is Certainty.CERTAIN


@pytest.mark.parametrize("ended", [18.0, 20.0, 22.0])
def test_a_socket_lost_within_two_seconds_of_an_abnormal_end_crashed_with_it(ended: float) -> None:
    found = why(lost(9.0, ended, Origin.NETWORK), *CRASHED)
    assert (found.cause, found.expected, found.certainty) == (Cause.CRASH, False, Certainty.CERTAIN)
    assert row(found, "exit signal")[0] == 9
    assert row(found, "before exit")[:3] == (20.0 - ended, "s", "derived")


def test_a_socket_lost_further_from_an_abnormal_end_did_not_crash_with_it() -> None:
    assert cause(lost(9.0, 17.9), *CRASHED) is Cause.UNEXPLAINED


def test_a_close_frame_just_before_a_crash_is_no_crash() -> None:
    assert cause(closed(9.0, 19.5, 1011, Origin.APP_CLOSE), *CRASHED) is Cause.APPLICATION


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_platforms_answer_around_an_abnormal_end_is_crash(status: int) -> None:
    assert cause(refused(20.5, status, Origin.PLATFORM), *CRASHED) is Cause.CRASH


def test_an_exception_just_before_a_crash_is_the_applications_own_end() -> None:
    assert cause(lost(9.0, 19.5, Origin.APP_ERROR), *CRASHED) is Cause.APPLICATION
    early = [listening(1.0), *ran("database", 0.0, 2.0), exited(6.0, signal=9)]
    assert cause(lost(3.0, 5.5, Origin.APP_ERROR), *early) is Cause.FALSE_START


def test_an_applications_503_just_before_a_crash_is_no_crash() -> None:
    assert cause(refused(19.5, 503), *CRASHED) is Cause.OVERLOAD


def test_a_socket_open_when_its_boot_died_crashed_with_it() -> None:
    found = why(still_open(9.0), *CRASHED)
    assert (found.outcome, found.cause, found.settled) == (Outcome.LOST, Cause.CRASH, True)
    assert (found.certainty, row(found, "ended")[0]) == (Certainty.CERTAIN, 20.0)


def test_a_socket_open_when_its_boot_fell_silent_may_have_crashed_with_it() -> None:
    found = why(still_open(9.0), *good_start(), horizon=10.0, promised=True, now_age=50.0)
    assert (found.outcome, found.cause, found.settled) == (Outcome.LOST, Cause.CRASH, False)
    assert (found.certainty, row(found, "ended")[0]) == (Certainty.AMBIGUOUS, None)
    assert row(found, "silence") == (30.0, "s", "configured", ())


def test_a_crash_by_another_clock_is_ambiguous_where_it_is_close() -> None:
    by_platform = [*good_start(), exited(20.0, Role.LOG, signal=9)]
    assert why(lost(9.0, 18.5), *by_platform).certainty is Certainty.AMBIGUOUS
    assert why(lost(9.0, 19.5), *by_platform).certainty is Certainty.CERTAIN
