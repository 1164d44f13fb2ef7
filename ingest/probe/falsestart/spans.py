"""Phases and checks as the service writes them: context managers, and phases as decorators too."""

import functools
import inspect
import time
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from types import TracebackType
from typing import Any, ParamSpec, Protocol, Self, TypeVar, cast

from falsestart.contract import Kind
from falsestart.guard import guarded
from falsestart.life import Life
from falsestart.wording import LIST_LIMIT, NAME_LIMIT, clean, describe

P = ParamSpec("P")
R = TypeVar("R")

_current: ContextVar[str | None] = ContextVar("falsestart_phase", default=None)


class LifeSource(Protocol):
    """Where spans find the life that is going on, if any."""

    @property
    def life(self) -> Life | None:
        """None when the probe is off."""


class PhaseSpan:
    """One named part of a boot; entered once for each run of it."""

    def __init__(self, source: LifeSource, name: str, *, kind: Kind, depends_on: Sequence[str]) -> None:
        """Nothing is recorded before the span is entered."""
        self.name = name
        self._source = source
        self._kind = kind
        self._depends_on = depends_on
        self._life: Life | None = None
        self._parent: str | None = None
        self._entered = False
        self._skipped = False

    def skip(self) -> None:
        """Say that the phase had nothing to do, or was left out on purpose."""
        self._skipped = True

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._finish(error)

    async def __aenter__(self) -> Self:
        self._start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._finish(error)

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """Make every call of a plain or async function a run of this phase."""
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def run_async(*args: P.args, **kwargs: P.kwargs) -> Any:  # noqa: ANN401 - as the function
                with self._again():
                    return await function(*args, **kwargs)

            return cast("Callable[P, R]", run_async)

        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            with self._again():
                return function(*args, **kwargs)

        return run

    def _again(self) -> "PhaseSpan":
        return PhaseSpan(self._source, self.name, kind=self._kind, depends_on=self._depends_on)

    @guarded
    def _start(self) -> None:
        self._skipped = False
        self._life = life = self._source.life
        if life is None:
            return
        age = life.boot.age()
        self._parent = _current.get()
        name = clean(self.name, NAME_LIMIT)
        _current.set(name)
        self._entered = True
        life.running_phases += 1
        fields: dict[str, Any] = {"phase": name, "parent": self._parent}
        if self._depends_on:
            fields["depends_on"] = list(self._depends_on)[:LIST_LIMIT]
        if self._kind == "wait":
            fields["phase_kind"] = "wait"
        life.record("phase.started", age, vital=True, **fields)

    @guarded
    def _finish(self, error: BaseException | None) -> None:
        life, entered = self._life, self._entered
        self._entered = False
        if life is None or not entered:
            return
        _current.set(self._parent)
        # After a fork inside the phase, its end belongs to the process that started it.
        if life is not self._source.life:
            return
        age = life.boot.age()
        status = outcome(error, skipped=self._skipped)
        life.running_phases -= 1
        life.failed_phases += status in {"failed", "timeout"}
        life.gate.phase_finished(self.name, status, age)
        fields: dict[str, Any] = {"phase": clean(self.name, NAME_LIMIT), "status": status}
        if error is not None:
            fields["error"] = describe(error)
        life.record("phase.finished", age, vital=True, parent=self._parent, **fields)


def outcome(error: BaseException | None, *, skipped: bool) -> str:
    """How a phase ended, in the words of the wire."""
    if isinstance(error, TimeoutError):
        return "timeout"
    if error is not None:
        return "failed"
    return "skipped" if skipped else "ok"


class CheckSpan:
    """One readiness check: what it was allowed to wait, and what it waited."""

    def __init__(self, source: LifeSource, name: str, *, budget: float | None, phase: str | None) -> None:
        """`budget` in seconds."""
        self.ok = True
        """Set to False when the check did not hold."""
        self.phase = phase
        """The phase that the check looks at, where it looks at one."""
        self._name = name
        self._budget = budget
        self._source = source
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._finish(error)

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._finish(error)

    @guarded
    def _finish(self, error: BaseException | None) -> None:
        waited = time.monotonic() - self._began
        life = self._source.life
        if life is None:
            return
        if error is not None:
            self.ok = False
        life.record(
            "check.finished",
            life.boot.age(),
            check=clean(self._name, NAME_LIMIT),
            ok=bool(self.ok),
            waited=waited,
            budget=self._budget,
            phase=self.phase,
        )
