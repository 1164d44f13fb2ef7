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
