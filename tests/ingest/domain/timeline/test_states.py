from typing import Any

import pytest

from ingest.domain.words import BootState, PhaseStatus
from tests.ingest.domain.builders import (
    NO_CONTRACT,
    boot,
    bypassed,
    draining,
    exited,
    failed,
    good_start,
    listening,
    ran,
    ready,
)

FAILED = ran("database", 0.0, 2.0, PhaseStatus.FAILED)


@pytest.mark.parametrize(
    "how",
    [
        {"signal": 9},
        {"signal": 15},
        {"code": 137},
        {"code": 143},
        {"code": 1, "by": "probe"},
        {"code": 1, "by": "platform"},
    ],
)
def test_a_boot_ended_before_its_gate_by_a_signal_or_a_probe_was_killed(how: dict[str, Any]) -> None:
    assert boot(*ran("database", 0.0, 2.0), exited(3.0, **how)).state is BootState.KILLED


@pytest.mark.parametrize("how", [{"code": 0}, {"code": 3}, {"code": 3, "by": "self"}, {}])
def test_a_boot_that_ended_by_itself_before_its_gate_failed(how: dict[str, Any]) -> None:
    assert boot(*FAILED, exited(3.0, **how)).state is BootState.FAILED


def test_a_boot_that_says_it_failed_and_does_not_listen_has_failed() -> None:
    assert boot(*FAILED, failed(2.0)).state is BootState.FAILED


def test_a_boot_that_ended_abnormally_after_its_gate_crashed() -> None:
    assert boot(*good_start(), exited(9.0, signal=11)).state is BootState.CRASHED
    assert boot(*good_start(), exited(9.0, code=1)).state is BootState.CRASHED


def test_a_boot_that_ended_in_order_stopped() -> None:
    assert boot(*good_start(), exited(9.0, signal=15)).state is BootState.STOPPED


def test_a_gate_that_opens_only_after_the_end_was_not_passed() -> None:
    assert boot(*good_start(), exited(3.9, signal=9)).state is BootState.KILLED


@pytest.mark.parametrize(
    ("how", "state"),
    [
        ({"signal": 9}, BootState.KILLED),
        ({"code": 1}, BootState.FAILED),
        ({"signal": 15}, BootState.STOPPED),
        ({"code": 0}, BootState.STOPPED),
    ],
)
def test_with_its_gate_unknown_only_the_end_itself_tells(how: dict[str, Any], state: BootState) -> None:
    assert boot(exited(3.0, **how), contract=NO_CONTRACT).state is state


def test_a_boot_that_broke_its_promise_is_silent_after_30_seconds() -> None:
    def seen(now: float) -> BootState:
        return boot(*good_start(), horizon=10.0, promised=True, now_age=now).state

    assert (seen(40.0), seen(40.1)) == (BootState.READY, BootState.SILENT)


def test_a_boot_that_promised_nothing_is_never_silent() -> None:
    assert boot(*good_start(), horizon=10.0, now_age=1000.0).state is BootState.READY


def test_a_boot_that_ended_is_not_silent() -> None:
    timeline = boot(*good_start(), exited(9.0, code=0), promised=True, now_age=1000.0)
    assert timeline.state is BootState.STOPPED


def test_a_boot_that_says_it_shuts_down_is_draining() -> None:
    assert boot(*good_start(), draining(9.0)).state is BootState.DRAINING


def test_a_boot_past_its_gate_with_an_optional_phase_failed_is_degraded() -> None:
    assert boot(*good_start(), *ran("cache", 1.0, 2.0, PhaseStatus.FAILED)).state is BootState.DEGRADED


def test_a_boot_whose_required_phase_fails_after_the_gate_is_degraded() -> None:
    assert boot(*good_start(), *ran("database", 8.0, 9.0, PhaseStatus.FAILED)).state is BootState.DEGRADED


def test_a_boot_that_says_it_goes_on_without_something_is_degraded() -> None:
    assert boot(*good_start(), bypassed(2.0)).state is BootState.DEGRADED


def test_a_phase_that_was_retried_leaves_nothing_degraded() -> None:
    retried = [*FAILED, *ran("database", 2.0, 3.0), *ran("services", 3.0, 4.0)]
    assert boot(*retried).state is BootState.READY


def test_a_boot_that_says_ready_and_failed_at_once_is_degraded() -> None:
    assert boot(failed(1.0), ready(1.003), contract=NO_CONTRACT).state is BootState.DEGRADED


def test_a_boot_past_its_gate_is_ready() -> None:
    assert boot(*good_start()).state is BootState.READY


def test_a_boot_that_listens_with_a_required_phase_failed_is_failed_but_serving() -> None:
    assert boot(*FAILED, listening(1.0), ready(2.1)).state is BootState.FAILED_SERVING


def test_a_boot_that_listens_with_a_required_phase_bypassed_is_failed_but_serving() -> None:
    assert boot(bypassed(1.0, "database"), listening(1.0)).state is BootState.FAILED_SERVING


def test_a_boot_that_says_it_failed_and_serves_is_failed_but_serving() -> None:
    assert boot(failed(1.0), first_served=2.0).state is BootState.FAILED_SERVING


def test_a_boot_with_a_failed_phase_that_does_not_listen_is_still_starting() -> None:
    assert boot(*FAILED).state is BootState.STARTING


def test_a_boot_of_which_nothing_is_known_is_starting() -> None:
    assert boot(contract=NO_CONTRACT).state is BootState.STARTING


def test_a_gate_passed_at_the_very_end_was_passed() -> None:
    assert boot(*good_start(), exited(4.0, signal=9)).state is BootState.CRASHED
