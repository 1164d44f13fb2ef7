from ingest.domain.events import CheckFinished
from ingest.domain.timeline import LATE, SILENCE, CheckResult, running_at
from ingest.domain.words import Role
from tests.ingest.domain.builders import (
    boot,
    draining,
    exited,
    finished,
    good_start,
    listening,
    ran,
    started,
    told,
)


def test_a_boot_listens_from_its_first_sign_of_it() -> None:
    assert boot(listening(2.0), listening(1.0)).listening_age == 1.0
    assert boot(listening(2.0), first_served=0.5).listening_age == 0.5
    assert boot(first_served=0.5).listening_age == 0.5
    assert boot().listening_age is None


def test_the_events_that_decided_listening_are_named() -> None:
    assert boot(listening(2.0)).listening_refs != ()
    assert boot(listening(2.0), first_served=0.5).listening_refs == ()


def test_draining_begins_when_the_service_says_so() -> None:
    timeline = boot(*good_start(), draining(9.0), exited(12.0, code=0))
    assert (timeline.draining_age, timeline.draining_said) == (9.0, True)


def test_an_exit_in_order_is_the_last_moment_at_which_draining_began() -> None:
    timeline = boot(*good_start(), exited(12.0, code=0))
    assert (timeline.draining_age, timeline.draining_said) == (12.0, False)


def test_an_abnormal_exit_is_no_draining() -> None:
    assert boot(*good_start(), exited(12.0, signal=9)).draining_age is None


def test_checks_are_kept_with_what_they_waited_and_what_they_might_have() -> None:
    event = told(CheckFinished, seq=4, age=4.1, check="readiness", ok=False, waited=0.000157, budget=2.1)
    expected = CheckResult(
        name="readiness", ok=False, waited=0.000157, budget=2.1, age=4.1, phase=None, ref="service:4@probe"
    )
    assert boot(event).checks == (expected,)


def test_the_horizon_is_the_greatest_age_known() -> None:
    assert (boot(listening(3.0), horizon=2.0).horizon, boot(horizon=2.0).horizon, boot().horizon) == (
        3.0,
        2.0,
        None,
    )


def test_a_boot_that_promised_is_looked_at_again_when_it_would_be_silent() -> None:
    assert boot(*good_start(), horizon=10.0, promised=True).next_look == 10.0 + SILENCE + LATE


def test_a_boot_is_silent_when_it_is_looked_at_on_time() -> None:
    looked = boot(*good_start(), horizon=10.0, promised=True).next_look
    timeline = boot(*good_start(), horizon=10.0, promised=True, now_age=looked)
    assert (str(timeline.state), timeline.next_look) == ("silent", None)


def test_a_boot_that_ended_or_promised_nothing_is_not_looked_at_again() -> None:
    assert boot(*good_start(), exited(9.0, code=0), horizon=10.0, promised=True).next_look is None
    assert boot(*good_start(), horizon=10.0).next_look is None


def test_a_phase_runs_from_its_start_until_just_before_its_end() -> None:
    timeline = boot(*ran("database", 1.0, 2.0))
    assert [running_at(timeline, age) for age in (0.9, 1.0, 1.9, 2.0)] == [
        (),
        ("database",),
        ("database",),
        (),
    ]


def test_phases_that_run_at_once_are_named_in_their_places() -> None:
    timeline = boot(started("services", 1.0), started("database", 1.5))
    assert running_at(timeline, 2.0) == ("database", "services")


def test_a_phase_that_runs_twice_at_once_is_named_once() -> None:
    timeline = boot(started("database", 1.0), started("database", 1.5, Role.LOG))
    assert running_at(timeline, 2.0) == ("database",)


def test_an_end_without_a_start_says_nothing_of_when_it_ran() -> None:
    assert running_at(boot(finished("database", 5.0)), 2.0) == ()
