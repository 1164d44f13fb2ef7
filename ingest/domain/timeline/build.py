"""Turns one boot's events into its timeline. Ages in seconds since process start."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.domain.contract import Contract
from ingest.domain.events import (
    BootDegraded,
    BootDraining,
    BootFailed,
    BootListening,
    BootReady,
    CheckFinished,
    Event,
    Reported,
    happened,
)
from ingest.domain.order import ordered
from ingest.domain.timeline.ends import exit_of
from ingest.domain.timeline.gate import conclusions_of, exposure_of, gate_of, is_observed, latest
from ingest.domain.timeline.records import CheckResult, Exit, Run, Timeline
from ingest.domain.timeline.runs import runs_of
from ingest.domain.timeline.states import Standing, state_of
from ingest.domain.words import BootState

SILENCE = 30.0  # s without any event after which a boot that promised `alive` is silent
LATE = 0.5  # s after that at which to look, so that looking on time finds it over

# States that silence cannot change: the boot is known to have ended, or to have failed.
_FINAL = frozenset(
    {BootState.KILLED, BootState.FAILED, BootState.CRASHED, BootState.STOPPED, BootState.SILENT}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Moment:
    age: float | None = None
    refs: tuple[str, ...] = ()


def build(
    events: Iterable[Reported],
    contract: Contract,
    *,
    first_served: float | None,
    horizon: float | None,
    promised: bool,
    now_age: float | None,
) -> Timeline:
    """Build the timeline from a boot's `phase.*`, `check.*` and `boot.*` events; others are ignored.

    `first_served` is the least age at which the service saw a socket or request, `horizon` the greatest
    age known of the boot from any event, `promised` whether an `alive` was reported, and `now_age` the
    present on the boot's axis, used for silence alone (None: do not judge silence). All in seconds.
    """
    told = ordered(events)
    conclusions = conclusions_of(told)
    ended = exit_of(told)
    ready_age, gate_refs = gate_of(told, conclusions, contract)
    listening = _listening(told, first_served)
    draining = _draining(told, ended)
    known = _horizon(told, horizon)
    standing = Standing(
        contract=contract,
        concluded=latest(conclusions),
        exit=ended,
        ready_age=ready_age,
        listens=listening.age is not None,
        draining_said=_says(told, BootDraining),
        failed_said=_says(told, BootFailed),
        degraded_said=_says(told, BootDegraded),
        silent=promised and _silent(known, now_age),
    )
    state = state_of(standing)
    return Timeline(
        contract=contract,
        runs=runs_of(told, contract),
        checks=_checks(told),
        conclusions=conclusions,
        listening_age=listening.age,
        ready_age=ready_age,
        claimed_ready_age=_moment(told, BootReady).age,
        draining_age=draining.age,
        draining_said=standing.draining_said,
        exit=ended,
        ended_age=ended.age if ended else None,
        exposure=exposure_of(contract, listening.age, ready_age, ended),
        horizon=known,
        state=state,
        observed=is_observed(told, conclusions, contract),
        next_look=_next_look(known, state) if promised else None,
        gate_refs=gate_refs,
        draining_refs=draining.refs,
        listening_refs=listening.refs,
    )


def running_at(timeline: Timeline, age: float) -> tuple[str, ...]:
    """Return the phases running at an age, in their places; one that ends at that age is not."""
    running = (run.name for run in timeline.runs if _covers(run, age))
    return tuple(dict.fromkeys(running))


def _covers(run: Run, age: float) -> bool:
    started = run.started_age is not None and run.started_age <= age
    return started and (run.ended_age is None or run.ended_age > age)


def _moment(told: Sequence[Reported], kind: type[Event]) -> _Moment:
    first = next((reported for reported in told if isinstance(reported.event, kind)), None)
    return _Moment(age=first.event.age, refs=(first.ref,)) if first else _Moment()


def _says(told: Sequence[Reported], kind: type[Event]) -> bool:
    return any(isinstance(reported.event, kind) for reported in told)


def _listening(told: Sequence[Reported], first_served: float | None) -> _Moment:
    said = _moment(told, BootListening)
    if first_served is not None and (said.age is None or first_served < said.age):
        return _Moment(age=first_served)
    return said


def _draining(told: Sequence[Reported], ended: Exit | None) -> _Moment:
    said = _moment(told, BootDraining)
    if said.age is None and ended is not None and not ended.abnormal:
        return _Moment(age=ended.age, refs=ended.refs)
    return said


def _horizon(told: Sequence[Reported], horizon: float | None) -> float | None:
    ages = [horizon, *(happened(reported.event) for reported in told)]
    return max((age for age in ages if age is not None), default=None)


def _silent(horizon: float | None, now_age: float | None) -> bool:
    return horizon is not None and now_age is not None and now_age - horizon > SILENCE


def _next_look(horizon: float | None, state: BootState) -> float | None:
    return None if horizon is None or state in _FINAL else horizon + SILENCE + LATE


def _checks(told: Sequence[Reported]) -> tuple[CheckResult, ...]:
    return tuple(
        CheckResult(
            name=event.check,
            ok=event.ok,
            waited=event.waited,
            budget=event.budget,
            age=event.age,
            phase=event.phase,
            ref=reported.ref,
        )
        for reported in told
        if isinstance(event := reported.event, CheckFinished)
    )
