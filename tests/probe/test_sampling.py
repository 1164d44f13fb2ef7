import random
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from falsestart import Probe
from falsestart.asgi import FalsestartMiddleware
from falsestart.recorder import Event
from falsestart.sampling import KINDS, LISTED, OTHER, SAMPLED, Kind, Sampling
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.probe.collector import Collector
from tests.probe.driver import ACCEPT, CONNECT, Driver
from tests.probe.test_sockets import sends

Failure = tuple[float, Kind, str]

# Few kinds and seconds, so that they meet; many at once, so that a second overflows.
RUNS = st.lists(
    st.tuples(
        st.floats(0.0, 3.0, allow_nan=False),
        st.tuples(st.sampled_from([1011, 1006, None]), st.booleans()),
        st.integers(0, 400),
        st.integers(1, 60),
    ),
    max_size=8,
)


def failures(runs: Iterable[tuple[float, Kind, int, int]]) -> list[Failure]:
    """Each run is so many failures of one kind at one age, over so many paths."""
    return [
        (age, kind, f"/{n % paths}")
        for age, kind, count, paths in sorted(runs, key=lambda run: run[0])
        for n in range(count)
    ]


def told(all_failures: Iterable[Failure], seed: int = 0) -> list[Event]:
    """What is told of failures in the order of their ages, each event with its number."""
    sampling = Sampling(random.Random(seed))  # noqa: S311
    events: list[Event] = []
    for number, (age, kind, path) in enumerate(all_failures):
        event = {"number": number, "age": age, "of": kind}
        if sampling.lists_failure(age):
            events.append(event)
        else:
            sampling.keep(event, kind, path)
        events += sampling.take(age)
    return events + sampling.take(4.0)


def weight(events: Iterable[Event]) -> int:
    return sum(event.get("stands_for", 1) for event in events)


@settings(deadline=None, max_examples=50)  # a busy machine is no counterexample
@given(RUNS, st.integers())
def test_the_events_stand_for_exactly_as_many_failures_as_there_were(runs: Any, seed: int) -> None:
    happened = failures(runs)
    events = told(happened, seed)
    assert weight(events) == len(happened)


@settings(deadline=None, max_examples=50)  # a busy machine is no counterexample
@given(RUNS)
def test_in_each_second_each_kind_has_exactly_its_number(runs: Any) -> None:
    happened = failures(runs)
    expected = Counter((int(age), kind) for age, kind, _ in happened)
    got: Counter[tuple[int, Kind]] = Counter()
    for event in told(happened):
        got[int(event["age"]), event["of"]] += event.get("stands_for", 1)
    assert got == expected


@settings(deadline=None, max_examples=50)  # a busy machine is no counterexample
@given(RUNS)
def test_no_failure_is_told_twice_and_no_second_has_many_events(runs: Any) -> None:
    events = told(failures(runs))
    numbers = [event["number"] for event in events]
    seconds = Counter(int(event["age"]) for event in events)
    most = max(seconds.values(), default=0)
    assert (len(set(numbers)), most <= LISTED + SAMPLED + KINDS) == (len(numbers), True)


def test_up_to_a_hundred_failures_of_a_second_are_told_one_by_one() -> None:
    events = told(failures([(0.5, ("a",), LISTED, 1), (1.5, ("a",), LISTED, 1)]))
    assert [event for event in events if "stands_for" in event] == []


def test_a_kind_that_happened_once_keeps_its_sample_beside_one_that_happened_ten_thousand_times() -> None:
    events = told(failures([(0.5, ("often",), 10_000, 1), (0.6, ("once",), 1, 1)]))
    (rare,) = [event for event in events if event["of"] == ("once",)]
    assert (rare["stands_for"], weight(events)) == (1, 10_001)


def test_every_failure_counts_once_in_expectation_wherever_in_its_second_it_was() -> None:
    happened = failures([(0.5, ("a",), 1_000, 1), (0.9, ("b",), 37, 1)])
    seeds = 200
    first, second = 0, 0
    for seed in range(seeds):
        sampled = [event for event in told(happened, seed) if "stands_for" in event]
        first += weight(event for event in sampled if event["number"] < 550)
        second += weight(event for event in sampled if 550 <= event["number"] < 1_000)
    # 450 failures each: one standard error of such a mean is about 2.5.
    assert (abs(first / seeds - 450) < 10, abs(second / seeds - 450) < 10) == (True, True)


def test_peers_that_make_up_paths_cannot_make_it_remember_more_and_more() -> None:
    sampling = Sampling()
    for number in range(5_000):
        sampling.keep({"number": number}, (number % 200,), f"/{number}")
    kept = sum(len(pool.kept) for pool in sampling._pools.values())
    assert (len(sampling._pools), OTHER in sampling._pools, kept <= SAMPLED + 6 * KINDS) == (101, True, True)
    assert weight(sampling.take(0.0, partly=True)) == 5_000


def test_the_first_hundred_openings_of_a_second_are_listed() -> None:
    sampling = Sampling()
    listed = [sampling.lists_opening(age) for age in (0.1, 1.1) for _ in range(LISTED + 20)]
    assert [listed.count(True), listed[LISTED - 1], listed[LISTED]] == [2 * LISTED, True, False]


@pytest.mark.parametrize("code", [1011, 1012])
async def test_a_storm_of_failures_is_told_in_few_events_and_nothing_of_it_is_lost(
    make_probe: Callable[..., Probe], collector: Collector, code: int
) -> None:
    probe = make_probe()
    app = FalsestartMiddleware(sends(ACCEPT, {"type": "websocket.close", "code": code}), probe)
    for _ in range(2_000):
        await Driver(app, CONNECT).websocket()
    probe.close(timeout=10.0)
    opened, ended = collector.events("socket.opened"), collector.events("socket.ended")
    counted = sum(event["count"] for event in collector.events("sockets.opened"))
    assert (len(opened) + counted, weight(ended), len(ended) < 2_000) == (2_000, 2_000, True)
    assert {event["socket"] for event in opened} <= {event["socket"] for event in ended}
