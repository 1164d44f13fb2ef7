"""Events: those of one boot, as they arrived."""

import pytest

from dashboard.queries import events
from dashboard.queries.events import Arrival
from dashboard.queries.scope import Scope
from tests.dashboard.api import stored

pytestmark = pytest.mark.django_db


def test_events_are_told_by_revision_and_not_by_number() -> None:
    boot = stored.boot("b")
    for seq, revision in ((3, 1), (1, 2), (2, 1)):
        stored.event(boot, seq, revision=revision)

    page = events.of_boot("b", Scope(), None, 10)

    assert page is not None
    assert ([row["seq"] for row in page.rows], page.end) == ([3, 2, 1], None)


def test_a_page_goes_on_after_its_last_event() -> None:
    boot = stored.boot("b")
    stored_events = [stored.event(boot, seq) for seq in range(3)]

    page = events.of_boot("b", Scope(), Arrival(revision=1, key=stored_events[0].pk), 1)

    assert page is not None
    assert [row["seq"] for row in page.rows] == [1]
    assert page.end == Arrival(revision=1, key=stored_events[1].pk)


def test_a_boot_without_events_has_an_empty_page_and_no_boot_has_none() -> None:
    stored.boot("b")

    page = events.of_boot("b", Scope(), None, 10)

    assert page is not None
    assert page.rows == []
    assert events.of_boot("nobody", Scope(), None, 10) is None
    assert events.of_boot("b", Scope(service="shop"), None, 10) is None
