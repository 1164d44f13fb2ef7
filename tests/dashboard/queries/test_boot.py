"""What a boot page reads."""

import pytest

from dashboard.queries.boot import MOST_FAILED, SocketCounts, boot, boot_mark
from tests.dashboard import builder

pytestmark = pytest.mark.django_db


def test_an_unknown_boot_is_none_and_its_mark_nothing() -> None:
    assert (boot("none"), boot_mark("none")) == (None, 0)


def test_failed_sockets_and_the_others_are_told_apart_in_order_of_opening() -> None:
    made = builder.boot("r1")
    for opened, cause in ((4.0, ""), (2.5, "false_start"), (2.1, "gated")):
        builder.socket(made, opened, cause)
    found = boot(made.ident)
    assert found is not None
    assert ([s.cause for s in found.failed], [s.opened_age for s in found.others]) == (
        ["gated", "false_start"],
        [4.0],
    )


def test_sockets_are_counted_by_what_they_stand_for_also_beyond_those_that_are_listed() -> None:
    made = builder.boot("r1")
    builder.socket(made, 2.1, "gated")
    for _ in range(MOST_FAILED):
        builder.socket(made, 2.5, "false_start", stands_for=40)
    builder.socket(made, 5.0, "application", stands_for=8)
    found = boot(made.ident)
    assert found is not None
    early = 40 * MOST_FAILED
    counts = SocketCounts(failed=early + 8, false_starts=early, early=early, opened_early=early + 1)
    assert (len(found.failed), found.counts) == (MOST_FAILED, counts)


def test_the_contract_comes_with_its_version() -> None:
    found = boot(builder.boot("r1").ident)
    assert found is not None
    assert found.contract is not None
    assert (found.contract.version, found.contract.contract.gate) == (1, "services")
    assert found.contract.person_version is None
