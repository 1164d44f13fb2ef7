"""Every child's lines behind its name."""

import io

import pytest

from dashboard.management.up.console import Console


class Terminal(io.StringIO):
    """A stream that a person looks at."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_a_file_gets_no_colours() -> None:
    """Escape sequences are unreadable there."""
    output = io.StringIO()
    Console(output).say("web", "one\ntwo")
    assert output.getvalue() == "web    | one\nweb    | two\n"


def test_a_terminal_gets_a_colour_for_each_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the prefix is coloured."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    output = Terminal()
    Console(output).say("web", "one")
    assert output.getvalue() == "\x1b[36mweb    |\x1b[0m one\n"


def test_a_person_can_refuse_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the usual variable."""
    monkeypatch.setenv("NO_COLOR", "1")
    output = Terminal()
    Console(output).say("web", "one")
    assert output.getvalue() == "web    | one\n"
