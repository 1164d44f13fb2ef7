"""What a release page reads."""

import pytest

from dashboard.queries import release as module
from dashboard.queries.release import release, release_mark
from tests.dashboard import builder

pytestmark = pytest.mark.django_db


def test_an_unknown_release_is_none_and_its_mark_nothing() -> None:
    assert (release("a", "b", "c"), release_mark("a", "b", "c")) == (None, 0)


def test_a_release_of_the_same_name_elsewhere_is_another() -> None:
    builder.boot("r1", ident="here")
    builder.boot("r1", ident="there", place=builder.environment("other"))
    found = release("other", "staging", "r1")
    assert found is not None
    assert [boot.ident for boot in found.boots] == ["there"]


def test_only_the_newest_boots_are_read_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BOOTS", 2)
    for _ in range(3):
        builder.boot("r1")
    found = release("chat-backend", "staging", "r1")
    assert found is not None
    assert (len(found.boots), found.total) == (2, 3)


def test_sockets_that_ended_well_are_not_read() -> None:
    made = builder.boot("r1")
    builder.socket(made, 4.0, "")
    found = release("chat-backend", "staging", "r1")
    assert found is not None
    assert found.sockets == []
