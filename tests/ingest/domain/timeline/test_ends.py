from typing import Any

import pytest

from ingest.domain.timeline import Exit
from ingest.domain.words import Role
from tests.ingest.domain.builders import boot, exited


def _exit(**fields: Any) -> Exit:
    found = boot(exited(5.0, **fields)).exit
    assert found is not None
    return found


def test_a_boot_without_an_exit_has_not_ended() -> None:
    assert (boot().exit, boot().ended_age) == (None, None)


@pytest.mark.parametrize(
    "how", [{"code": 0}, {"code": None}, {"code": 129}, {"code": 130}, {"code": 143}, {"code": -15}]
)
def test_an_exit_that_somebody_asked_for_is_in_order(how: dict[str, int]) -> None:
    assert _exit(**how).abnormal is False


@pytest.mark.parametrize(
    "how", [{"code": 1}, {"code": 3}, {"code": 137}, {"code": 139}, {"code": -11}, {"code": 255}]
)
def test_an_exit_with_an_error_is_abnormal(how: dict[str, int]) -> None:
    assert _exit(**how).abnormal is True


@pytest.mark.parametrize(
    ("signal", "abnormal"), [(1, False), (2, False), (15, False), (6, True), (9, True), (11, True)]
)
def test_a_signal_says_whether_the_exit_is_abnormal(signal: int, *, abnormal: bool) -> None:
    assert _exit(signal=signal, code=1).abnormal is abnormal


@pytest.mark.parametrize(("code", "signal"), [(137, 9), (143, 15), (-9, 9), (1, None), (255, None)])
def test_a_signal_is_read_from_the_exit_status(code: int, signal: int | None) -> None:
    assert _exit(code=code).signal == signal


def test_the_first_report_says_when_and_later_ones_add_what_it_left_out() -> None:
    found = boot(exited(6.0, Role.LOG, signal=9, by="platform", seq=2), exited(5.0, code=1, seq=1)).exit
    expected = Exit(
        age=5.0, code=1, signal=9, by="platform", abnormal=True, refs=("service:1@probe", "log:2@probe")
    )
    assert found == expected
