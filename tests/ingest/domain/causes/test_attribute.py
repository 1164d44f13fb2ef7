import pytest

from ingest.domain.causes import attribute_without_boot, guessed, is_good
from ingest.domain.words import Cause, Certainty, Origin, Outcome
from tests.ingest.domain.builders import closed, good_start, lost, refused, row, still_open, why


@pytest.mark.parametrize("origin", [Origin.PEER, Origin.APP_CLOSE, Origin.NETWORK, Origin.UNKNOWN])
def test_1000_is_a_good_end_whoever_sent_it(origin: Origin) -> None:
    assert is_good(closed(3.0, 5.0, 1000, origin)) is True


@pytest.mark.parametrize("origin", [Origin.APP_ERROR, Origin.KEEPALIVE])
def test_1000_on_a_failure_is_no_good_end(origin: Origin) -> None:
    assert is_good(closed(3.0, 5.0, 1000, origin)) is False


@pytest.mark.parametrize("code", [1001, 1005])
def test_a_peer_that_leaves_ends_it_well(code: int) -> None:
    assert is_good(closed(3.0, 5.0, code, Origin.PEER)) is True
    assert is_good(closed(3.0, 5.0, code, Origin.UNKNOWN)) is False


def test_a_refused_or_lost_socket_did_not_end_well() -> None:
    assert (is_good(refused(3.0, 403)), is_good(lost(3.0, 5.0))) == (False, False)


def test_a_good_end_has_no_cause_and_still_its_side_of_the_gate() -> None:
    found = why(closed(3.0, 5.0, 1000, Origin.PEER), *good_start())
    assert (found.cause, found.certainty, found.evidence, found.settled) == (None, None, (), True)
    assert (found.before_gate, found.margin, found.expected) == (True, 1.0, True)


def test_an_open_socket_has_no_cause_and_is_not_settled() -> None:
    found = why(still_open(3.0), *good_start())
    assert (found.outcome, found.cause, found.settled) == (Outcome.OPEN, None, False)
    assert (found.before_gate, found.margin) == (True, 1.0)


def test_a_socket_whose_opening_is_unknown_is_unobserved() -> None:
    found = why(closed(None, 9.0, 1011, Origin.APP_ERROR), *good_start())
    assert (found.cause, found.certainty) == (Cause.APPLICATION, Certainty.UNOBSERVED)
    assert (found.before_gate, found.margin) == (None, None)


def test_a_socket_without_a_boot_is_unattributed_and_lists_whose_it_may_be() -> None:
    found = attribute_without_boot(lost(3.0, 5.0), ["b2", "b1"])
    assert (found.cause, found.certainty, found.settled) == (Cause.UNATTRIBUTED, Certainty.UNOBSERVED, False)
    assert row(found, "candidates")[0] == "b1, b2"
    assert row(attribute_without_boot(lost(3.0, 5.0), []), "candidates")[0] is None


def test_a_socket_without_a_boot_that_ended_well_needs_none() -> None:
    found = attribute_without_boot(closed(3.0, 5.0, 1000, Origin.PEER), [])
    assert (found.cause, found.certainty, found.settled) == (None, None, True)


def test_an_open_socket_without_a_boot_waits() -> None:
    assert attribute_without_boot(still_open(3.0), []).settled is False


def test_a_guessed_boot_makes_a_cause_ambiguous_and_is_named() -> None:
    found = guessed(why(closed(3.0, 3.1, 1011, Origin.APP_ERROR), *good_start()), "b1")
    assert (found.cause, found.certainty) == (Cause.FALSE_START, Certainty.AMBIGUOUS)
    assert row(found, "only boot alive then") == ("b1", None, "derived", ())


def test_a_guessed_boot_changes_nothing_where_there_is_no_cause() -> None:
    found = why(still_open(3.0), *good_start())
    assert guessed(found, "b1") == found


def test_a_guess_does_not_make_the_unobserved_ambiguous() -> None:
    found = why(closed(None, 9.0, 1011, Origin.APP_ERROR), *good_start())
    assert guessed(found, "b1").certainty is Certainty.UNOBSERVED


def test_an_unknown_opening_leaves_even_a_cause_apart_from_the_gate_unobserved() -> None:
    found = why(closed(None, 9.0, 1011, Origin.KEEPALIVE), *good_start())
    assert (found.cause, found.certainty) == (Cause.KEEPALIVE, Certainty.UNOBSERVED)
