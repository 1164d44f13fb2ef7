"""What a boot page says in words."""

import pytest

from dashboard.pages.boot_tables import blame_of
from dashboard.pages.boot_words import (
    blame_title,
    exit_words,
    sockets_title,
    story_of,
    timeline_title,
    title_of,
)
from dashboard.queries.boot import BootPage, boot
from tests.dashboard import builder

pytestmark = pytest.mark.django_db


def read(ident: str) -> BootPage:
    found = boot(ident)
    assert found is not None
    return found


def test_false_starts_come_first() -> None:
    made = builder.boot("r2", ident="7db5ae01", listening=2.0)
    builder.socket(made, 2.5)
    builder.socket(made, 6.0, "application")
    found = read(made.ident)
    story = story_of(found, [], None)
    assert (title_of(story), sockets_title(found)) == (
        "b5ae01: 1 false start",
        "1 of 2 failed sockets opened before the gate",
    )


def test_a_sample_counts_for_all_it_stands_for() -> None:
    made = builder.boot("r2", ident="7db5ae01", listening=2.0)
    builder.socket(made, 2.5, stands_for=30)
    builder.socket(made, 6.0, "application", stands_for=12)
    found = read(made.ident)
    assert (title_of(story_of(found, [], None)), sockets_title(found)) == (
        "b5ae01: 30 false starts",
        "30 of 42 failed sockets opened before the gate",
    )


def test_a_calm_boot_says_when_it_passed_its_gate() -> None:
    found = read(builder.boot("r2", ident="7db5ae01").ident)
    assert title_of(story_of(found, [], None)) == "b5ae01 passed its gate at 3.12 s"


def test_the_largest_cost_is_named_with_its_share_of_the_way() -> None:
    found = read(builder.boot("r2").ident)
    story = story_of(found, blame_of(found, []), None)
    assert (timeline_title(story), blame_title(story)) == (
        "services takes 1.40 s, 45 % of the way to the gate",
        "services costs most",
    )


def test_an_exit_is_told_by_its_signal() -> None:
    found = read(builder.boot("r2", state="killed", ended_age=3.0, exit_signal=9, exit_by="platform").ident)
    assert exit_words(found.boot) == "SIGKILL, by platform"
