"""The promise that nothing here raises into the host: one decorator, one log line for each place."""

import functools
import logging
from collections.abc import Callable
from typing import ParamSpec

P = ParamSpec("P")

log = logging.getLogger("falsestart")

_said: set[str] = set()


def say_once(key: str, message: str, *args: object) -> None:
    """Log a warning the first time `key` is seen in this process, and never again."""
    if key in _said:
        return
    _said.add(key)
    log.warning(message, *args)


def trouble(place: str, error: BaseException) -> None:
    """Note a fault of the probe itself; the host goes on without the event it was about."""
    say_once(f"trouble:{place}", "the probe failed in %s and goes on without it: %r", place, error)


def guarded(function: Callable[P, None]) -> Callable[P, None]:
    """Let no ordinary exception out of `function`."""

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            function(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not reach the host
            trouble(function.__qualname__, error)

    return call
