import pytest

from ingest.domain.words import Cause, Certainty, Origin, Role
from tests.ingest.domain.builders import (
    cause,
    closed,
    ending,
    exited,
    good_start,
    lost,
    opening,
    ran,
    refused,
    row,
    socket,
    started,
    why,
)


def test_an_unanswered_ping_is_keepalive_by_its_origin() -> None:
    assert cause(closed(9.0, 12.0, 1011, Origin.KEEPALIVE), *good_start()) is Cause.KEEPALIVE


@pytest.mark.parametrize(
    "reason", ["keepalive ping timeout", "Ping timed out", "no ping within time", "keep-alive"]
)
def test_an_unanswered_ping_is_keepalive_by_its_reason(reason: str) -> None:
    assert cause(closed(9.0, 12.0, 1011, Origin.PEER, reason=reason), *good_start()) is Cause.KEEPALIVE


def test_a_shipping_timer_is_no_ping() -> None:
    found = cause(closed(9.0, 12.0, 1011, Origin.APP_CLOSE, reason="shipping time"), *good_start())
    assert found is Cause.APPLICATION


def test_keepalive_names_the_phase_that_ran_when_it_ended() -> None:
    events = [*good_start(), started("finalize", 10.0, seq=70)]
    found = why(closed(9.0, 12.0, 1011, Origin.KEEPALIVE), *events)
    assert found.phases == ("finalize",)
    assert row(found, "running at its end") == ("finalize", None, "derived", ("service:70@probe",))


@pytest.mark.parametrize("code", [1002, 1011, 4321])
def test_an_error_code_from_the_client_is_peer(code: int) -> None:
    found = why(closed(9.0, 12.0, code, Origin.PEER), *good_start())
    assert (found.cause, found.expected, found.certainty) == (Cause.PEER, True, Certainty.CERTAIN)


@pytest.mark.parametrize("origin", [Origin.PEER, Origin.NETWORK])
def test_a_client_that_vanished_while_the_boot_lived_on_is_peer(origin: Origin) -> None:
    found = why(lost(9.0, 12.0, origin), *good_start(), horizon=14.0)
    assert (found.cause, found.certainty, found.settled) == (Cause.PEER, Certainty.CERTAIN, True)
    assert row(found, "boot lived on at least")[:3] == (2.0, "s", "derived")


def test_until_it_is_known_that_the_boot_lived_on_peer_is_a_guess() -> None:
    found = why(lost(9.0, 12.0, Origin.NETWORK), *good_start(), horizon=13.9)
    assert (found.cause, found.certainty, found.settled) == (Cause.PEER, Certainty.AMBIGUOUS, False)


def test_a_boot_that_was_killed_much_later_lived_on() -> None:
    events = [*good_start(), exited(30.0, signal=9)]
    assert cause(lost(9.0, 12.0, Origin.NETWORK), *events, horizon=30.0) is Cause.PEER


def test_a_client_that_vanished_before_the_gate_is_peer_too() -> None:
    assert cause(lost(3.0, 3.5, Origin.PEER), *good_start(), horizon=20.0) is Cause.PEER


def test_a_client_that_gave_up_before_it_was_accepted_is_not_peer() -> None:
    assert cause(refused(3.0, None, Origin.PEER), *good_start(), horizon=20.0) is Cause.FALSE_START
    by_browser = socket(ending(3.0, 5.0, Role.CLIENT, accepted_age=None, code=1006, origin=Origin.NETWORK))
    assert cause(by_browser, *good_start(), horizon=20.0) is Cause.FALSE_START


def test_a_loss_whose_origin_nobody_knows_is_not_put_down_to_the_peer() -> None:
    assert cause(lost(9.0, 12.0), *good_start(), horizon=20.0) is Cause.UNEXPLAINED


def test_a_client_that_tells_of_its_loss_itself_did_not_vanish() -> None:
    alone = socket(ending(3.0, 3.5, Role.CLIENT, code=1006, origin=Origin.NETWORK))
    joined = socket(opening(3.0), ending(3.0, 3.5, Role.CLIENT, code=1006, origin=Origin.NETWORK))
    assert cause(alone, *good_start(), horizon=20.0) is Cause.FALSE_START
    assert cause(joined, *good_start(), horizon=20.0) is Cause.PEER


@pytest.mark.parametrize("role", [Role.SERVICE, Role.GATEWAY])
def test_once_peer_is_settled_it_does_not_matter_how_long_the_boot_lives_on(role: Role) -> None:
    vanished = socket(ending(9.0, 12.0, role, origin=Origin.NETWORK))
    events = good_start()
    found, *later = (why(vanished, *events, horizon=horizon) for horizon in (15.0, 16.0, 900.0))
    assert found.settled
    assert later == [found, found]


def test_a_loss_seen_from_outside_is_ambiguous_where_the_boot_hardly_lived_on() -> None:
    outside = socket(ending(9.0, 12.0, Role.GATEWAY, origin=Origin.NETWORK))
    early = why(outside, *good_start(), horizon=14.5)
    assert (early.certainty, early.settled) == (Certainty.AMBIGUOUS, False)
    assert why(outside, *good_start(), horizon=15.0).certainty is Certainty.CERTAIN


def test_a_ping_before_the_gate_is_keepalive_and_not_a_false_start() -> None:
    found = why(closed(1.0, 3.0, 1011, Origin.KEEPALIVE), *ran("database", 0.0, 5.0))
    assert (found.cause, found.before_gate, found.phases) == (Cause.KEEPALIVE, True, ("database",))
