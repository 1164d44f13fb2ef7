import pytest

from ingest.domain.sockets import SocketFacts
from ingest.domain.words import Cause, Certainty, Origin, PhaseStatus, Role
from tests.ingest.domain.builders import (
    NO_CONTRACT,
    bypassed,
    cause,
    closed,
    ending,
    finished,
    good_start,
    listening,
    lost,
    ran,
    ready,
    refused,
    row,
    socket,
    started,
    why,
)

FAILING = [listening(0.5), *ran("database", 0.0, 2.0, PhaseStatus.FAILED)]


def _1011(opened: float, ended: float) -> SocketFacts:
    return closed(opened, ended, 1011, Origin.APP_ERROR)


def test_a_socket_opened_before_the_gate_is_a_false_start() -> None:
    found = why(_1011(3.0, 3.1), *good_start())
    assert (found.cause, found.expected, found.certainty) == (Cause.FALSE_START, False, Certainty.CERTAIN)
    assert (found.before_gate, found.margin, found.phases) == (True, 1.0, ("services",))


def test_a_socket_opened_at_the_gate_is_not() -> None:
    found = why(_1011(4.0, 4.1), *good_start())
    assert (found.cause, found.before_gate, found.margin) == (Cause.APPLICATION, False, 0.0)


def test_a_false_start_shows_what_it_rests_on() -> None:
    events = [
        started("services", 1.0, seq=1),
        finished("database", 1.0, seq=2),
        finished("services", 4.0, seq=3),
    ]
    found = why(closed(3.0, 3.1, 1011, Origin.APP_ERROR, seq=4), *events)
    assert row(found, "opened") == (3.0, "s", "measured", ("service:4@probe",))
    assert row(found, "ended") == (3.1, "s", "measured", ("service:4@probe",))
    assert row(found, "code") == (1011, None, "measured", ("service:4@probe",))
    assert row(found, "gate") == (4.0, "s", "derived", ("service:2@probe", "service:3@probe"))
    assert row(found, "margin") == (
        1.0,
        "s",
        "derived",
        ("service:4@probe", "service:2@probe", "service:3@probe"),
    )
    assert row(found, "running") == ("services", None, "derived", ("service:1@probe", "service:3@probe"))
    assert row(found, "settle") == (10.0, "s", "configured", ())


def test_an_early_socket_that_ends_within_settle_of_the_gate_is_a_false_start() -> None:
    assert cause(_1011(3.0, 14.0), *good_start()) is Cause.FALSE_START


def test_an_early_socket_that_outlived_settle_is_judged_by_its_end() -> None:
    found = why(_1011(3.0, 14.1), *good_start())
    assert (found.cause, found.before_gate, found.margin) == (Cause.APPLICATION, True, 1.0)


def test_while_the_gate_was_never_passed_every_failure_is_a_false_start() -> None:
    found = why(_1011(100.0, 200.0), *ran("database", 0.0, 2.0))
    assert (found.cause, found.before_gate, found.margin) == (Cause.FALSE_START, True, None)
    assert row(found, "gate")[:3] == (None, "s", "derived")


def test_a_socket_that_came_before_any_phase_says_so() -> None:
    found = why(refused(-2.0, 503, Origin.PLATFORM), *good_start())
    assert (found.cause, found.phases, found.margin) == (Cause.FALSE_START, (), 6.0)
    assert row(found, "running")[0] == "before any phase"


def test_a_socket_that_came_between_phases_says_so() -> None:
    events = [*ran("database", 0.0, 1.0), *ran("services", 2.0, 4.0)]
    found = why(_1011(1.5, 1.6), *events)
    assert (found.cause, found.phases, row(found, "running")[0]) == (Cause.FALSE_START, (), "between phases")


def test_a_socket_lost_by_an_exception_without_a_close_frame_is_a_false_start_too() -> None:
    assert cause(lost(3.0, 3.1, Origin.APP_ERROR, exception="KeyError"), *good_start()) is Cause.FALSE_START


@pytest.mark.parametrize("status", [500, 503, 408])
def test_a_handshake_refused_before_the_gate_is_a_false_start(status: int) -> None:
    assert cause(refused(3.0, status, Origin.APP_ERROR), *good_start()) is Cause.FALSE_START


def test_without_a_contract_the_claim_is_what_it_is_early_for() -> None:
    found = why(_1011(1.0, 1.1), ready(3.0), contract=NO_CONTRACT)
    assert (found.cause, found.margin, found.certainty) == (Cause.FALSE_START, 2.0, Certainty.CERTAIN)


def test_a_false_start_of_a_boot_without_any_phase_is_unobserved() -> None:
    found = why(_1011(1.0, 1.1), listening(0.5))
    assert (found.cause, found.certainty) == (Cause.FALSE_START, Certainty.UNOBSERVED)


def test_an_opening_by_another_clock_is_ambiguous_near_the_gate() -> None:
    near = socket(ending(3.5, 3.6, Role.CLIENT, code=1011))
    far = socket(ending(3.0, 3.1, Role.CLIENT, code=1011))
    assert why(near, *good_start()).certainty is Certainty.AMBIGUOUS
    assert why(far, *good_start()).certainty is Certainty.CERTAIN
    assert row(why(near, *good_start()), "clock_uncertainty") == (1.0, "s", "configured", ())


def test_an_end_by_another_clock_is_ambiguous_near_the_end_of_settle() -> None:
    found = why(socket(ending(2.0, 13.5, Role.GATEWAY, code=1011)), *good_start())
    assert (found.cause, found.certainty) == (Cause.FALSE_START, Certainty.AMBIGUOUS)
    late = why(socket(ending(2.0, 14.5, Role.GATEWAY, code=1011)), *good_start())
    assert (late.cause, late.certainty) == (Cause.APPLICATION, Certainty.AMBIGUOUS)


@pytest.mark.parametrize("status", [PhaseStatus.FAILED, PhaseStatus.TIMEOUT, PhaseStatus.SKIPPED])
def test_a_socket_opened_after_a_required_phase_failed_met_a_failed_phase(status: PhaseStatus) -> None:
    found = why(_1011(3.0, 3.1), *ran("database", 0.0, 2.0, status))
    assert (found.cause, found.phases, found.certainty) == (
        Cause.FAILED_PHASE,
        ("database",),
        Certainty.CERTAIN,
    )
    assert row(found, "database status")[0] == str(status)
    assert row(found, "database ended")[:3] == (2.0, "s", "measured")


def test_a_bypassed_phase_is_a_failed_phase_whatever_ready_says() -> None:
    events = [bypassed(1.0, "database"), *ran("services", 1.0, 2.0), ready(2.0)]
    found = why(_1011(9.0, 9.1), *events)
    assert (found.cause, row(found, "database status")[0]) == (Cause.FAILED_PHASE, "bypassed")


def test_a_socket_opened_before_the_phase_failed_is_a_false_start() -> None:
    assert cause(_1011(1.0, 3.0), *FAILING) is Cause.FALSE_START


def test_a_phase_that_succeeded_since_has_not_failed() -> None:
    events = [*FAILING, *ran("database", 2.5, 3.5)]
    assert (cause(_1011(3.0, 3.1), *events), cause(_1011(3.6, 3.7), *events)) == (
        Cause.FAILED_PHASE,
        Cause.FALSE_START,
    )


def test_an_optional_or_later_phase_does_not_make_a_failed_phase() -> None:
    events = [*ran("cache", 0.0, 1.0, PhaseStatus.FAILED), *ran("finalize", 0.0, 1.0, PhaseStatus.FAILED)]
    assert cause(_1011(3.0, 3.1), *good_start(), *events) is Cause.FALSE_START


def test_a_required_phase_that_fails_after_the_gate_is_a_failed_phase_from_then_on() -> None:
    events = [*good_start(), *ran("database", 8.0, 9.0, PhaseStatus.FAILED)]
    assert (cause(_1011(8.5, 8.6), *events), cause(_1011(9.5, 9.6), *events)) == (
        Cause.APPLICATION,
        Cause.FAILED_PHASE,
    )


@pytest.mark.parametrize("origin", [Origin.APP_ERROR, Origin.APP_CLOSE, Origin.UNKNOWN])
def test_1011_after_the_gate_is_application(origin: Origin) -> None:
    found = why(closed(9.0, 9.1, 1011, origin), *good_start())
    assert (found.cause, found.certainty) == (Cause.APPLICATION, Certainty.CERTAIN)
    assert (found.before_gate, found.margin) == (False, -5.0)


def test_an_exception_after_the_gate_is_application_with_any_code_or_none() -> None:
    assert cause(lost(9.0, 9.1, Origin.APP_ERROR), *good_start()) is Cause.APPLICATION
    assert cause(closed(9.0, 9.1, 1000, Origin.APP_ERROR), *good_start()) is Cause.APPLICATION


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_server_error_after_the_gate_is_application(status: int) -> None:
    assert cause(refused(9.0, status, Origin.APP_ERROR), *good_start()) is Cause.APPLICATION


def test_application_names_the_phases_still_running() -> None:
    assert why(_1011(9.0, 9.1), *good_start(), started("finalize", 4.0)).phases == ("finalize",)


def test_with_the_gate_unknown_application_is_unobserved() -> None:
    found = why(_1011(9.0, 9.1), contract=NO_CONTRACT)
    assert (found.cause, found.certainty) == (Cause.APPLICATION, Certainty.UNOBSERVED)
    assert (found.before_gate, found.margin) == (None, None)


def test_what_nothing_fits_is_unexplained() -> None:
    found = why(closed(9.0, 9.1, 1005, Origin.UNKNOWN), *good_start())
    assert (found.cause, found.expected, found.certainty) == (Cause.UNEXPLAINED, False, Certainty.CERTAIN)
