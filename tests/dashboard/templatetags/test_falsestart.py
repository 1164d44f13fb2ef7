"""Signs, numbers and times in templates."""

from datetime import UTC, datetime

import pytest

from dashboard.templatetags import falsestart
from ingest.domain.words import Basis, BootState, Cause, Certainty


def test_every_word_has_its_icon() -> None:
    tables = (falsestart.STATE_ICONS, falsestart.CAUSE_ICONS, falsestart.CERTAINTY_ICONS, falsestart.BASES)
    assert [set(table) for table in tables] == [set(BootState), set(Cause), set(Certainty), set(Basis)]


def test_a_sign_is_icon_and_word() -> None:
    sign = falsestart.cause_sign("false_start", number=3)
    assert ("fs-cause-false-start" in sign, "#flag-off" in sign, sign.endswith("false start 3</span>")) == (
        True,
    ) * 3


def test_an_expected_cause_is_quieter() -> None:
    assert "is-expected" in falsestart.cause_sign("gated", expected=True)


def test_a_number_says_where_it_comes_from() -> None:
    assert 'aria-label="measured: of 3 boots"' in falsestart.seconds(4.56, "measured", "of 3 boots")


def test_an_unknown_number_has_no_mark() -> None:
    assert falsestart.seconds(None, "measured") == '<span class="fs-num">—</span>'


def test_a_time_carries_its_moment_to_the_millisecond() -> None:
    at = datetime(2026, 9, 16, 1, 50, 47, 123456, tzinfo=UTC)
    assert 'title="2026-09-16 01:50:47.123 UTC"' in falsestart.when(at)


def test_what_never_happened_is_never() -> None:
    assert "never" in falsestart.when(None)


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (10.0, "s", ">10<"),
        (True, None, "yes"),
        ("<b>", None, "&lt;b&gt;"),
        (None, "s", "—"),
        (3, "sockets", ">3<"),
    ],
)
def test_a_fact_is_shown_as_what_it_is(value: object, unit: str | None, shown: str) -> None:
    assert shown in falsestart.fact({"value": value, "unit": unit, "basis": "configured"})


@pytest.mark.parametrize(
    ("codes", "origin", "words"),
    [
        ({"client": 1011, "service": 1013}, "app_close", "service sent 1013 · client saw 1011"),
        ({"client": 1006, "service": 1011}, "app_error", "service sent 1011 · client saw no close frame"),
        ({"client": 1000, "service": 4321}, "peer", "service saw 4321 · client saw 1000"),
        (
            {"client": 1006, "service": 1012, "gateway": 1001},
            "server_shutdown",
            "service sent 1012 · gateway saw 1001 · client saw no close frame",
        ),
    ],
)
def test_sides_that_disagree_are_shown_in_words_the_application_first(
    codes: dict[str, int], origin: str, words: str
) -> None:
    sign = falsestart.sides(codes, origin)
    assert ("#arrows-diff" in sign, sign.endswith(f"{words}</div>")) == (True, True)


@pytest.mark.parametrize("codes", [{}, {"service": 1013}, {"client": 1011, "service": 1011}])
def test_sides_that_agree_say_nothing_more(codes: dict[str, int]) -> None:
    assert falsestart.sides(codes, "app_close") == ""
