from typing import Any

import pytest

from ingest.domain.events import Reported
from ingest.domain.words import Cause, Certainty, Origin, PhaseStatus, Role
from tests.ingest.domain.builders import (
    draining,
    ending,
    exited,
    finished,
    good_start,
    row,
    socket,
    why,
)


def judged(*events: Reported, by: Role, **end: Any) -> tuple[Cause | None, Certainty | None]:
    """What becomes of a socket that was opened at 6 in a boot that passed its gate at 4."""
    found = why(socket(ending(6.0, 20.0, by, **end)), *good_start(), *events)
    return found.cause, found.certainty


@pytest.mark.parametrize(
    ("by", "certainty"), [(Role.SERVICE, Certainty.CERTAIN), (Role.GATEWAY, Certainty.AMBIGUOUS)]
)
def test_what_ended_a_moment_before_draining_began_may_have_ended_after_it(
    by: Role, certainty: Certainty
) -> None:
    end: dict[str, Any] = {"code": 1011, "origin": Origin.UNKNOWN}
    assert judged(draining(20.5), by=by, **end) == (Cause.APPLICATION, certainty)
    assert judged(draining(21.0), by=by, **end) == (Cause.APPLICATION, Certainty.CERTAIN)


def test_what_was_lost_a_moment_too_long_before_a_crash_may_be_part_of_it() -> None:
    gone: dict[str, Any] = {"by": Role.GATEWAY, "accepted_age": None, "origin": Origin.PLATFORM}
    assert judged(exited(22.5, code=1), **gone) == (Cause.UNEXPLAINED, Certainty.AMBIGUOUS)
    assert judged(exited(23.0, code=1), **gone) == (Cause.UNEXPLAINED, Certainty.CERTAIN)


def test_what_vanished_a_moment_too_short_before_the_end_may_have_been_the_peer() -> None:
    gone: dict[str, Any] = {"by": Role.GATEWAY, "origin": Origin.NETWORK}
    told = (draining(30.0), exited(21.5, code=0))
    assert judged(*told, **gone) == (Cause.UNEXPLAINED, Certainty.AMBIGUOUS)


@pytest.mark.parametrize(("age", "certainty"), [(6.5, Certainty.AMBIGUOUS), (7.0, Certainty.CERTAIN)])
def test_what_was_opened_a_moment_before_a_phase_failed_may_have_been_opened_after_it(
    age: float, certainty: Certainty
) -> None:
    broke = finished("services", age, PhaseStatus.FAILED)
    assert judged(broke, by=Role.GATEWAY, code=1011) == (Cause.APPLICATION, certainty)
    assert judged(broke, by=Role.SERVICE, code=1011) == (Cause.APPLICATION, Certainty.CERTAIN)


def test_what_was_opened_a_moment_after_a_phase_was_mended_may_have_been_opened_before_it() -> None:
    mended = (finished("services", 5.0, PhaseStatus.FAILED), finished("services", 5.5))
    assert judged(*mended, by=Role.GATEWAY, code=1011) == (Cause.APPLICATION, Certainty.AMBIGUOUS)


def test_the_evidence_says_by_which_uncertainty() -> None:
    end = ending(6.0, 20.0, Role.GATEWAY, code=1011, origin=Origin.UNKNOWN)
    assert row(why(socket(end), *good_start(), draining(20.5)), "clock_uncertainty")[:2] == (1.0, "s")
