from ingest.domain.causes.case import Case, case_of
from ingest.domain.clocks import Clocks
from ingest.domain.words import Origin, Outcome, Role
from tests.ingest.domain.builders import (
    boot,
    closed,
    ending,
    exited,
    finished,
    good_start,
    lost,
    ran,
    socket,
    still_open,
)


def _case(opened: float, ended: float) -> Case:
    return case_of(closed(opened, ended, 1011, Origin.APP_ERROR), boot(*good_start()))


def test_the_margin_is_gate_time_minus_opening() -> None:
    assert [_case(opened, 9.0).margin for opened in (3.0, 4.0, 6.0)] == [1.0, 0.0, -2.0]
    assert [_case(opened, 9.0).before_gate for opened in (3.0, 4.0, 6.0)] == [True, False, False]


def test_a_socket_is_early_until_it_outlives_settle() -> None:
    assert [_case(3.0, ended).early for ended in (3.5, 14.0, 14.1)] == [True, True, False]
    assert (_case(3.0, 15.0).outlived, _case(6.0, 6.1).early) == (1.0, False)


def test_1006_is_no_code() -> None:
    assert case_of(socket(ending(3.0, 4.0, code=1006)), boot()).code is None


def test_what_is_open_when_the_boot_ends_is_lost_with_it() -> None:
    case = case_of(still_open(3.0), boot(*good_start(), exited(9.0, code=1, seq=8)))
    assert (case.outcome, case.ended, case.ended_refs, case.left_open) == (
        Outcome.LOST,
        9.0,
        ("service:8@probe",),
        True,
    )


def test_a_client_that_only_saw_nothing_come_of_it_was_not_accepted() -> None:
    outside = socket(ending(3.0, 4.0, Role.CLIENT, accepted_age=None, code=1006))
    assert (case_of(outside, boot()).accepted, case_of(lost(3.0, 4.0), boot()).accepted) == (False, True)


def test_a_close_call_needs_another_clock() -> None:
    case = _case(3.0, 4.0)
    assert case.close_call(0.5, "service:1@probe") is False
    assert case.close_call(0.5, "service:1@probe", "client:1@probe") is True
    assert case.close_call(1.0, "client:1@probe") is False
    assert case.close_call(None, "client:1@probe") is False


def test_clocks_that_seem_to_be_further_apart_make_more_a_close_call() -> None:
    clocks = Clocks(offsets={"service": 0, "client@tab": 30, "gateway@edge": -20})
    case = case_of(closed(3.0, 4.0, 1011, Origin.APP_ERROR), boot(*good_start()), clocks)

    assert case.uncertainty("service:1@probe") == 0.0
    assert case.uncertainty("client:1@tab") == 3.0
    assert case.uncertainty("client:1@tab", "gateway:1@edge") == 5.0
    assert case.uncertainty("client:1@nobody-knows") == 1.0


def test_a_gate_that_a_log_told_of_is_set_against_the_process_by_two_clocks() -> None:
    phases = [finished("database", 2.0), finished("services", 4.0, role=Role.LOG)]
    early = closed(3.5, 3.6, 1011, Origin.APP_ERROR)

    assert case_of(early, boot(*phases)).side_is_doubtful is True
    assert case_of(early, boot(*good_start())).side_is_doubtful is False


def test_nothing_has_failed_for_a_socket_whose_opening_is_unknown() -> None:
    timeline = boot(*ran("database", 0.0, 1.0))
    assert case_of(closed(None, 4.0, 1011, Origin.APP_ERROR), timeline).failed_guards == ()
