"""What holds for any boot and any socket, whatever happened and in whatever order it arrived."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.domain.causes import attribute, is_good
from ingest.domain.contract import Contract
from ingest.domain.events import Reported
from ingest.domain.sockets import merge
from ingest.domain.timeline import Timeline
from ingest.domain.words import Cause, Certainty, Origin, Outcome, PhaseStatus, Role
from tests.ingest.domain.builders import (
    CONTRACT,
    NO_CONTRACT,
    boot,
    bypassed,
    draining,
    ending,
    exited,
    failed,
    finished,
    listening,
    opening,
    ran,
    ready,
    refusal,
    started,
)

FAST = settings(max_examples=100, deadline=None)

ages = st.integers(-4, 60).map(lambda n: n / 2)  # coarse, so that events often fall together
phases = st.sampled_from(["database", "cache", "services", "finalize", "warmup"])
roles = st.sampled_from(list(Role))
origins = st.sampled_from(list(Origin))
statuses = st.sampled_from([status for status in PhaseStatus if status is not PhaseStatus.RUNNING])
codes = st.sampled_from([None, 1000, 1001, 1005, 1006, 1008, 1011, 1012, 1013, 4001, 4100, 4200])
reasons = st.sampled_from([None, "keepalive ping timeout", "timed out", "busy"])

lifecycle = st.one_of(
    st.builds(started, phases, ages, roles),
    st.builds(finished, phases, ages, statuses, roles),
    st.builds(listening, ages),
    st.builds(ready, ages),
    st.builds(bypassed, ages, phases),
    st.builds(failed, ages),
    st.builds(draining, ages),
    st.builds(
        exited, ages, roles, code=st.sampled_from([None, 0, 1, 137, 143]), by=st.sampled_from([None, "probe"])
    ),
    st.builds(exited, ages, roles, signal=st.sampled_from([9, 11, 15])),
)
boots = st.lists(lifecycle, max_size=12)
ends = st.one_of(
    st.builds(ending, ages, ages, roles, code=codes, origin=origins, reason=reasons),
    st.builds(
        refusal, ages, st.sampled_from([None, 403, 429, 500, 503]), roles, origin=origins, reason=reasons
    ),
)
sockets = st.lists(st.one_of(st.builds(opening, ages, roles), ends), min_size=1, max_size=4)
contracts = st.sampled_from([CONTRACT, NO_CONTRACT])
presents = st.sampled_from([None, 40.0, 200.0])


def _timeline(
    events: list[Reported], contract: Contract, now: float | None, horizon: float = 10.0
) -> Timeline:
    return boot(*events, contract=contract, promised=True, now_age=now, horizon=horizon)


@FAST
@given(boots, contracts, presents, st.data())
def test_neither_order_nor_duplication_changes_a_timeline(
    events: list[Reported], contract: Contract, now: float | None, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations([*events, *events]))
    assert _timeline(shuffled, contract, now) == _timeline(events, contract, now)


@FAST
@given(sockets, st.data())
def test_neither_order_nor_duplication_changes_a_socket(events: list[Reported], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations([*events, *events]))
    assert merge("s", shuffled) == merge("s", events)


@FAST
@given(boots, sockets, contracts, presents, st.data())
def test_neither_order_nor_duplication_changes_a_cause(
    events: list[Reported], seen: list[Reported], contract: Contract, now: float | None, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations([*events, *events]))
    found = attribute(merge("s", seen), _timeline(events, contract, now))
    again = attribute(merge("s", data.draw(st.permutations(seen))), _timeline(shuffled, contract, now))
    assert again == found


@FAST
@given(boots, sockets, contracts, ages.filter(lambda age: age > 0))
def test_what_is_settled_stays_so_however_long_the_boot_lives(
    events: list[Reported], seen: list[Reported], contract: Contract, more: float
) -> None:
    facts = merge("s", seen)
    found = attribute(facts, _timeline(events, contract, None))
    later = attribute(facts, _timeline(events, contract, None, horizon=60.0 + more))
    assert not found.settled or later == found


@FAST
@given(boots, sockets, contracts, presents)
def test_a_socket_has_a_cause_exactly_when_it_did_not_end_well(
    events: list[Reported], seen: list[Reported], contract: Contract, now: float | None
) -> None:
    facts = merge("s", seen)
    found = attribute(facts, _timeline(events, contract, now))
    assert (found.cause is not None) == (found.outcome is not Outcome.OPEN and not is_good(facts))
    assert (found.certainty is not None) == (found.cause is not None)


@FAST
@given(boots, sockets, contracts, presents)
def test_the_margin_agrees_with_the_side_of_the_gate(
    events: list[Reported], seen: list[Reported], contract: Contract, now: float | None
) -> None:
    found = attribute(merge("s", seen), _timeline(events, contract, now))
    assert found.margin is None or (found.margin > 0) == found.before_gate


@FAST
@given(boots, sockets, contracts)
def test_only_what_was_opened_before_the_gate_is_a_false_start_or_gated(
    events: list[Reported], seen: list[Reported], contract: Contract
) -> None:
    found = attribute(merge("s", seen), _timeline(events, contract, None))
    assert found.before_gate is True or found.cause not in {Cause.FALSE_START, Cause.GATED}


@FAST
@given(boots, sockets)
def test_seen_from_inside_with_a_gate_nothing_but_a_guess_is_ambiguous(
    events: list[Reported], seen: list[Reported]
) -> None:
    inside = [reported for reported in [*events, *seen] if reported.role is Role.SERVICE]
    told = [reported for reported in seen if reported in inside]
    lived = [reported for reported in events if reported in inside]
    found = attribute(merge("s", told), _timeline(lived, CONTRACT, None)) if told else None
    guesses = {Cause.POLICY, Cause.PEER, Cause.DRAIN}
    assert found is None or found.certainty is not Certainty.AMBIGUOUS or found.cause in guesses


@FAST
@given(boots, ages, statuses)
def test_an_unrelated_optional_phase_never_moves_the_gate(
    events: list[Reported], age: float, status: PhaseStatus
) -> None:
    more = ran("decoration", age, age + 1.0, status)
    assert (
        _timeline([*events, *more], CONTRACT, None).ready_age == _timeline(events, CONTRACT, None).ready_age
    )


@FAST
@given(boots, contracts)
def test_what_happens_after_the_gate_never_moves_it(events: list[Reported], contract: Contract) -> None:
    gate = _timeline(events, contract, None).ready_age
    until = [reported for reported in events if gate is None or (reported.event.age or 0.0) <= gate]
    assert _timeline(until, contract, None).ready_age == gate


@FAST
@given(boots, contracts, presents)
def test_an_exposure_runs_forward_and_ends_with_the_gate_or_the_boot(
    events: list[Reported], contract: Contract, now: float | None
) -> None:
    timeline = _timeline(events, contract, now)
    ends_ = [age for age in (timeline.ready_age, timeline.ended_age) if age is not None]
    expected = min(ends_, default=None)
    assert timeline.exposure is None or timeline.exposure == (timeline.listening_age, expected)
    assert timeline.exposure is None or expected is None or timeline.exposure[0] < expected
