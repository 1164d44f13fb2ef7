from collections.abc import Callable
from typing import Any

import pytest
from falsestart import Probe
from falsestart.requests import tell_failed

Told = Callable[..., list[dict[str, Any]]]


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        (200, None, []),
        (None, None, []),
        (404, None, []),
        (503, None, [{"status": 503}]),
        (None, KeyError("x"), [{"status": 500, "error": "KeyError: 'x'"}]),
        (200, KeyError("x"), [{"status": 200, "error": "KeyError: 'x'"}]),
    ],
)
def test_a_request_is_told_if_it_failed(
    probe: Probe, told: Told, status: int | None, error: BaseException | None, expected: list[dict[str, Any]]
) -> None:
    assert probe.life is not None
    tell_failed(probe.life, path="/" * 600, method="GET", status=status, opened_age=1.0, error=error)
    whole = [{"kind": "request.failed", "path": "/" * 500, "method": "GET", **each} for each in expected]
    assert told("request.failed") == whole


def test_of_a_storm_a_hundred_requests_a_second_are_told_and_the_others_counted(
    probe: Probe, told: Told
) -> None:
    life = probe.life
    assert life is not None
    for age in (1e6,) * 150 + (1e6 + 1,) * 20:
        life.record_request(age, {"status": 503})
    assert (len(told("request.failed")), life.recorder.dropped) == (120, 50)
