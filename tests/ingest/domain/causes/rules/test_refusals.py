import pytest

from ingest.domain.causes import attribute
from ingest.domain.events import Reported
from ingest.domain.words import Cause, Certainty, Origin, PhaseStatus, Role
from tests.ingest.domain.builders import (
    NO_CONTRACT,
    boot,
    cause,
    closed,
    ending,
    exited,
    good_start,
    lost,
    ran,
    refusal,
    refused,
    row,
    socket,
    why,
)

APP = Origin.APP_CLOSE


def test_a_polite_1013_before_the_gate_is_gated() -> None:
    found = why(closed(3.0, 3.1, 1013, APP), *good_start())
    assert (found.cause, found.expected, found.certainty) == (Cause.GATED, True, Certainty.CERTAIN)
    assert (found.before_gate, found.margin, found.phases) == (True, 1.0, ("services",))
    assert row(found, "startup") == (240.0, "s", "configured", ())


@pytest.mark.parametrize("status", [503, 429])
def test_a_polite_refusal_by_status_before_the_gate_is_gated(status: int) -> None:
    assert cause(refused(3.0, status), *good_start()) is Cause.GATED


def test_what_the_application_sent_counts_where_its_server_made_it_a_1011() -> None:
    both = socket(
        ending(3.0, 3.1, code=1013, origin=APP), ending(3.0, 3.1, Role.CLIENT, code=1011, origin=Origin.PEER)
    )
    assert cause(both, *good_start()) is Cause.GATED


def test_a_refusal_that_only_others_saw_is_not_known_to_be_the_applications() -> None:
    by_client = socket(ending(3.0, 3.1, Role.CLIENT, code=1013, origin=APP))
    assert cause(by_client, *good_start()) is Cause.FALSE_START


def test_a_platforms_503_before_the_gate_is_not_polite() -> None:
    assert cause(refused(3.0, 503, Origin.PLATFORM), *good_start()) is Cause.FALSE_START


def test_a_polite_refusal_with_a_required_phase_failed_is_not_gated() -> None:
    failing = ran("database", 0.0, 2.0, PhaseStatus.FAILED)
    assert cause(closed(3.0, 3.1, 1013, APP), *failing) is Cause.FAILED_PHASE


def test_a_polite_refusal_is_expected_within_the_startup_limit() -> None:
    starting = ran("database", 0.0, 2.0)
    on_time, late = closed(239.0, 240.0, 1013, APP), closed(240.0, 240.1, 1013, APP)
    assert (why(on_time, *starting).expected, why(late, *starting).expected) == (True, False)


def test_a_late_polite_refusal_is_expected_once_the_gate_was_passed() -> None:
    slow = [*ran("database", 0.0, 200.0), *ran("services", 200.0, 300.0)]
    found = why(closed(250.0, 250.1, 1013, APP), *slow)
    assert (found.cause, found.expected) == (Cause.GATED, True)


def test_a_polite_refusal_with_the_gate_unknown_is_an_unobserved_overload() -> None:
    found = why(closed(3.0, 3.1, 1013, APP), contract=NO_CONTRACT)
    assert (found.cause, found.certainty, found.before_gate) == (Cause.OVERLOAD, Certainty.UNOBSERVED, None)


@pytest.mark.parametrize("code", [1002, 1003, 1007, 1008, 1009, 1010, 3000, 3003, 4000, 4001, 4999])
def test_a_refusal_by_code_is_policy(code: int) -> None:
    found = why(closed(9.0, 9.1, code, APP), *good_start())
    assert (found.cause, found.expected, found.certainty) == (Cause.POLICY, False, Certainty.CERTAIN)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 426])
def test_a_refusal_by_status_is_policy(status: int) -> None:
    assert cause(refused(9.0, status), *good_start()) is Cause.POLICY


def test_a_refusal_before_the_gate_is_ambiguous() -> None:
    found = why(closed(3.0, 3.1, 1008, APP), *good_start())
    assert (found.cause, found.certainty) == (Cause.POLICY, Certainty.AMBIGUOUS)


def test_the_code_book_may_say_that_a_code_is_expected() -> None:
    found = why(closed(9.0, 9.1, 4100, APP), *good_start())
    assert (found.cause, found.expected) == (Cause.POLICY, True)
    assert row(found, "code book 4100") == ("expected", None, "configured", ())


def test_the_code_book_may_say_that_a_code_is_the_applications_failure() -> None:
    assert cause(closed(9.0, 9.1, 4200, APP), *good_start()) is Cause.APPLICATION
    assert cause(closed(3.0, 3.1, 4200, APP), *good_start()) is Cause.FALSE_START


@pytest.mark.parametrize("origin", [Origin.APP_ERROR, Origin.PEER, Origin.NETWORK, Origin.KEEPALIVE])
def test_what_the_server_did_not_choose_is_not_policy(origin: Origin) -> None:
    assert cause(closed(9.0, 9.1, 1008, origin), *good_start()) is not Cause.POLICY


def test_a_403_with_an_exception_is_not_policy() -> None:
    assert cause(refused(9.0, 403, exception="KeyError"), *good_start()) is Cause.APPLICATION


@pytest.mark.parametrize("reason", ["handshake timeout", "timed out", "Time-out", "TimedOut"])
def test_a_403_for_a_handshake_timeout_is_not_policy(reason: str) -> None:
    assert cause(refused(3.0, 403, reason=reason), *good_start()) is Cause.FALSE_START


def test_1013_after_the_gate_is_overload() -> None:
    found = why(closed(9.0, 9.1, 1013, APP), *good_start())
    assert (found.cause, found.certainty, found.before_gate) == (Cause.OVERLOAD, Certainty.CERTAIN, False)


@pytest.mark.parametrize("status", [503, 429])
def test_a_busy_status_after_the_gate_is_overload(status: int) -> None:
    assert cause(refused(9.0, status), *good_start()) is Cause.OVERLOAD


def test_a_1013_by_others_long_after_an_early_opening_is_overload() -> None:
    early = socket(ending(3.0, 14.1, Role.GATEWAY, code=1013))
    found = attribute(early, boot(*good_start()))
    assert (found.cause, found.before_gate) == (Cause.OVERLOAD, True)


def test_a_platforms_503_near_an_exit_in_order_is_not_a_crash() -> None:
    events = [*good_start(), exited(9.5, code=0)]
    assert cause(socket(refusal(9.0, 503, origin=Origin.PLATFORM)), *events) is Cause.OVERLOAD


CUT = "dropped by the server: unmasked client-to-server frame"


def test_a_connection_that_the_server_cut_over_its_peers_frames_is_policy() -> None:
    late, early = (why(lost(age, age + 0.1, reason=CUT), *good_start()) for age in (9.0, 3.0))
    assert [(found.cause, found.expected, found.certainty) for found in (late, early)] == [
        (Cause.POLICY, False, Certainty.CERTAIN),
        (Cause.POLICY, False, Certainty.AMBIGUOUS),
    ]
    assert row(late, "reason")[0] == CUT


@pytest.mark.parametrize(
    "told",
    [
        ending(9.0, 9.1, Role.CLIENT, origin=Origin.UNKNOWN, reason=CUT),
        ending(9.0, 9.1, origin=Origin.UNKNOWN, reason="why not"),
    ],
    ids=["by a client", "in other words"],
)
def test_only_a_probes_own_words_make_a_loss_policy(told: Reported) -> None:
    assert cause(socket(told), *good_start()) is Cause.UNEXPLAINED
