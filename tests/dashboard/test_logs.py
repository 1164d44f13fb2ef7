"""What a log line looks like, and what never appears in one."""

import json
import logging
import sys

import pytest

from dashboard.logs import JsonFormatter, OneLine, TextFormatter, redacted


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("connected to redis://:hidden@cache:6379/0", "connected to redis://:***@cache:6379/0"),
        ("postgres://someone:hid%2Fden@db/name", "postgres://someone:***@db/name"),
        ("Authorization: Bearer fs_abc.def", "Authorization: Bearer ***"),
        ("key fs_abc-DEF_1 is unknown", "key fs_*** is unknown"),
        ("POST /api/v1/batches?key=fs_abc-DEF_1&x=1", "POST /api/v1/batches?key=fs_***&x=1"),
        ("http://127.0.0.1:8011/boots/a@b", "http://127.0.0.1:8011/boots/a@b"),
    ],
)
def test_secrets_are_hidden(line: str, shown: str) -> None:
    """Passwords of addresses, tokens and keys; an address without a password stays as it is."""
    assert redacted(line) == shown


def failure() -> logging.LogRecord:
    """A record with arguments and a traceback that hold a secret."""
    try:
        raise ConnectionError("redis://:hidden@cache")
    except ConnectionError:
        arguments = ("redis://:hidden@cache",)
        return logging.LogRecord("a.b", logging.ERROR, __file__, 1, "lost %s", arguments, sys.exc_info())


def test_a_traceback_is_redacted_too() -> None:
    """Errors of clients love to name the address."""
    line = TextFormatter("%(levelname)s %(name)s: %(message)s").format(failure())
    assert ("hidden" in line, line.splitlines()[0]) == (False, "ERROR a.b: lost redis://:***@cache")


def test_a_json_line_is_one_object() -> None:
    """Also with a traceback."""
    line = JsonFormatter().format(failure())
    found = json.loads(line)
    assert ("\n" in line, "hidden" in line) == (False, False)
    assert (found["level"], found["logger"], found["message"]) == ("ERROR", "a.b", "lost redis://:***@cache")
    assert set(found) == {"at", "level", "logger", "message", "error"}


def test_a_stack_that_says_nothing_new_is_dropped() -> None:
    """Of each record its first line stays."""
    record = failure()
    record.msg = "lost %s\n['a', 'stack']"
    assert (OneLine().filter(record), TextFormatter().format(record)) == (True, "lost redis://:***@cache")
