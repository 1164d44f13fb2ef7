"""Where a word typed into the search box leads."""

import pytest

from dashboard.queries.names import MOST, find
from tests.dashboard import builder

pytestmark = pytest.mark.django_db


def test_nothing_begins_with_an_empty_word() -> None:
    builder.boot("r1")
    found = find("")
    assert (found.services, found.releases, found.boots) == ([], [], [])


def test_no_more_are_found_than_fit_a_page() -> None:
    for number in range(MOST + 2):
        builder.boot("r1", ident=f"ab-{number}")
    assert len(find("ab").boots) == MOST


def test_a_wildcard_is_a_letter_like_any_other() -> None:
    builder.boot("r1")
    assert find("%").releases == []
