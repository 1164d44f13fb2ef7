"""Decides how a process ended."""

from collections.abc import Sequence

from ingest.domain.events import BootExited, Reported
from ingest.domain.timeline.records import Exit

ORDERLY_SIGNALS = frozenset({1, 2, 15})  # SIGHUP, SIGINT, SIGTERM: somebody asked it to stop
SHELL_SIGNALS = range(129, 193)  # exit statuses by which a shell or container tells a signal, 128 + n


def exit_of(told: Sequence[Reported]) -> Exit | None:
    """Return the earliest reported exit of ordered events, with what later reports add to it."""
    reports = [(reported.ref, reported.event) for reported in told if isinstance(reported.event, BootExited)]
    if not reports:
        return None
    exits = [event for _, event in reports]
    code = next((event.code for event in exits if event.code is not None), None)
    signal = next((event.signal for event in exits if event.signal is not None), _signal_in(code))
    return Exit(
        age=exits[0].age,
        code=code,
        signal=signal,
        by=next((event.by for event in exits if event.by is not None), None),
        abnormal=signal not in ORDERLY_SIGNALS if signal is not None else code not in (0, None),
        refs=tuple(ref for ref, _ in reports),
    )


def _signal_in(code: int | None) -> int | None:
    if code is None:
        return None
    if code < 0:  # as Python's subprocess tells it
        return -code
    return code - 128 if code in SHELL_SIGNALS else None
