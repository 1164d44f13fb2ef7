import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from falsestart import Probe

Told = Callable[..., list[dict[str, Any]]]


def started(phase: str, **extra: Any) -> dict[str, Any]:
    return {"kind": "phase.started", "phase": phase, **extra}


def finished(phase: str, status: str = "ok", **extra: Any) -> dict[str, Any]:
    return {"kind": "phase.finished", "phase": phase, "status": status, **extra}


def test_a_phase_is_told_when_it_starts_and_when_it_ends(probe: Probe, told: Told) -> None:
    with probe.phase("database", kind="wait", depends_on=["init"]):
        running = told("phase")
    assert running == [started("database", phase_kind="wait", depends_on=["init"])]
    assert told("phase")[1:] == [finished("database")]


async def test_a_nested_phase_names_its_parent_across_tasks(probe: Probe, told: Told) -> None:
    async with probe.phase("services"), asyncio.TaskGroup() as group:
        for name in ("agents", "tools"):
            group.create_task(_pass_through(probe, name))
    with probe.phase("finalize"):
        pass
    parents = {event["phase"]: event.get("parent") for event in told("phase")}
    assert parents == {"services": None, "agents": "services", "tools": "services", "finalize": None}


async def _pass_through(probe: Probe, name: str) -> None:
    async with probe.phase(name):
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (ValueError("no"), "failed", "ValueError: no"),
        (TimeoutError("after 25.0s"), "timeout", "TimeoutError: after 25.0s"),
        (asyncio.CancelledError(), "failed", "CancelledError"),
        (SystemExit(3), "failed", "SystemExit: 3"),
    ],
)
def test_an_exception_ends_the_phase_and_passes_on_as_it_was(
    probe: Probe, told: Told, error: BaseException, status: str, text: str
) -> None:
    with pytest.raises(type(error)) as caught, probe.phase("database"):
        raise error
    assert caught.value is error
    assert told("phase.finished") == [finished("database", status, error=text)]


def test_a_skipped_phase_says_so(probe: Probe, told: Told) -> None:
    with probe.phase("cache") as phase:
        phase.skip()
    assert told("phase.finished") == [finished("cache", "skipped")]


async def test_a_phase_decorates_plain_and_async_functions(probe: Probe, told: Told) -> None:
    @probe.phase("a")
    def plain(value: int) -> int:
        return value + 1

    @probe.phase("b")
    async def later(value: int) -> int:
        return value + 2

    results = [plain(1), plain(2), await later(3)]
    ends = [event["phase"] for event in told("phase.finished")]
    assert (results, ends, plain.__name__) == ([2, 3, 5], ["a", "a", "b"], "plain")


def test_a_check_measures_what_it_waited_beside_its_budget(probe: Probe, told: Told) -> None:
    with probe.check("readiness", budget=2.1) as check:
        check.ok = False
    assert probe.flush(5.0) is True
    assert told("check") == [{"kind": "check.finished", "check": "readiness", "ok": False, "budget": 2.1}]


def test_the_wait_of_a_check_is_its_own_and_not_the_budget(probe: Probe, told: Told, collector: Any) -> None:
    with probe.check("readiness", budget=2.1):
        until = probe.age() + 0.05
        while probe.age() < until:
            pass
    told()
    (event,) = collector.events("check")
    assert 0.05 <= event["waited"] < 1.0


async def test_an_exception_in_a_check_is_no_and_passes_on(probe: Probe, told: Told) -> None:
    error = TimeoutError("too long")
    with pytest.raises(TimeoutError) as caught:
        async with probe.check("readiness", phase="services"):
            raise error
    assert caught.value is error
    expected = {"kind": "check.finished", "check": "readiness", "ok": False, "phase": "services"}
    assert told("check") == [expected]


async def test_without_a_server_spans_work_and_tell_nothing() -> None:
    probe = Probe("chat")
    async with probe.phase("a"):
        with probe.check("c", budget=1.0) as check:
            check.ok = False
    assert (probe.enabled, probe.flush(0.0)) == (False, True)
