"""Environment variables become typed values, or are refused with a sentence."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from dashboard.environment import choice, names, number, origins, switch, text

NAME = "A_VARIABLE"


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins without the variable."""
    monkeypatch.delenv(NAME, raising=False)


def test_a_blank_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compose files pass on what is not set as an empty text."""
    monkeypatch.setenv(NAME, "  ")
    assert text(NAME, "default") == "default"


@pytest.mark.parametrize(("value", "state"), [("on", True), ("TRUE", True), ("0", False), ("no", False)])
def test_a_switch_understands_the_usual_words(
    monkeypatch: pytest.MonkeyPatch, value: str, state: bool
) -> None:
    """In any case."""
    monkeypatch.setenv(NAME, value)
    assert switch(NAME) is state


def test_a_switch_is_off_by_default() -> None:
    """Nothing dangerous is on because nobody thought of it."""
    assert switch(NAME) is False


@pytest.mark.parametrize(("value", "known"), [("7", 7), ("1", 1), ("9", 9)])
def test_a_number_may_be_any_within_its_bounds(
    monkeypatch: pytest.MonkeyPatch, value: str, known: int
) -> None:
    """Both bounds belong to it."""
    monkeypatch.setenv(NAME, value)
    assert number(NAME, 5, 1, 9) == known


@pytest.mark.parametrize("value", ["0", "10", "-1", "1.5", "seven", "٣", "1_0"])
def test_a_number_outside_its_bounds_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """The sentence names the bounds."""
    monkeypatch.setenv(NAME, value)
    with pytest.raises(ImproperlyConfigured) as refusal:
        number(NAME, 5, 1, 9)
    assert str(refusal.value) == f"{NAME} is {value!r}; accepted is a whole number from 1 to 9."


def test_a_choice_is_given_in_its_own_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """What follows may compare it."""
    monkeypatch.setenv(NAME, "info")
    assert choice(NAME, "WARNING", ("INFO", "WARNING")) == "INFO"


def test_names_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spaces around them and a comma too many do no harm."""
    monkeypatch.setenv(NAME, "a.example, b.example,")
    assert names(NAME, ["localhost"]) == ["a.example", "b.example"]


def test_origins_need_a_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    """Django compares whole origins."""
    monkeypatch.setenv(NAME, "a.example")
    with pytest.raises(ImproperlyConfigured) as refusal:
        origins(NAME)
    assert str(refusal.value) == (
        f"{NAME} contains 'a.example'; accepted is origins such as https://falsestart.example.com."
    )
