"""Decides where a boot stands."""

from collections.abc import Callable
from dataclasses import dataclass

from ingest.domain.contract import Contract
from ingest.domain.timeline.records import Conclusion, Exit
from ingest.domain.words import BootState

FORCERS = frozenset({"probe", "platform"})  # who, by ending a boot before its gate, kills it


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What the state of a boot is decided from."""

    contract: Contract  # The contract in force.
    concluded: dict[str, Conclusion]  # Each phase's latest conclusion.
    exit: Exit | None  # How it ended.
    ready_age: float | None  # The gate time.
    listens: bool  # Whether it was reachable.
    draining_said: bool  # Whether it said that it is shutting down.
    failed_said: bool  # Whether it said that its start failed.
    degraded_said: bool  # Whether it said that it goes on without something.
    silent: bool  # Whether it broke its promise to stay in touch.

    @property
    def passed(self) -> bool:
        """Return whether the gate was passed while the boot lived."""
        return self.ready_age is not None and (self.exit is None or self.ready_age <= self.exit.age)

    @property
    def shut(self) -> bool:
        """Return whether the gate is known not to have been passed."""
        known = self.contract.gate is not None or self.ready_age is not None or self.failed_said
        return known and not self.passed


def state_of(standing: Standing) -> BootState:
    """Return the first state that applies; there always is one."""
    return next(state for state, applies in _STATES if applies(standing))


def _killed(s: Standing) -> bool:
    if s.exit is None or s.passed:
        return False
    if s.shut:
        return s.exit.signal is not None or s.exit.by in FORCERS
    return s.exit.signal is not None and s.exit.abnormal


def _failed(s: Standing) -> bool:
    if s.exit is None:
        return s.failed_said and not s.passed and not s.listens
    return s.shut or (s.exit.abnormal and not s.passed)


def _crashed(s: Standing) -> bool:
    return s.exit is not None and s.exit.abnormal


def _degraded(s: Standing) -> bool:
    broken = any(not conclusion.ok for conclusion in s.concluded.values())
    # Without a contract the gate is only the service's word, and here it said both.
    contradicted = s.failed_said and s.contract.gate is None
    return s.passed and (broken or s.degraded_said or contradicted)


def _failed_serving(s: Standing) -> bool:
    required = [spec.name for spec in s.contract.phases if spec.required]
    names = {*required, *s.contract.guards()}
    broken = any(not c.ok for name, c in s.concluded.items() if name in names)
    return s.listens and (broken or s.failed_said)


_STATES: tuple[tuple[BootState, Callable[[Standing], bool]], ...] = (
    (BootState.KILLED, _killed),
    (BootState.FAILED, _failed),
    (BootState.CRASHED, _crashed),
    (BootState.STOPPED, lambda s: s.exit is not None),
    (BootState.SILENT, lambda s: s.silent),
    (BootState.DRAINING, lambda s: s.draining_said),
    (BootState.DEGRADED, _degraded),
    (BootState.READY, lambda s: s.passed),
    (BootState.FAILED_SERVING, _failed_serving),
    (BootState.STARTING, lambda _: True),
)
