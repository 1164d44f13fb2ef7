"""What a log line looks like: for people and for programs."""

import json
import logging
import sys

from dashboard.logs.lines import JsonFormatter, OneLine, TextFormatter, context


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


def request_line() -> logging.LogRecord:
    """A record with fields of its own."""
    record = logging.LogRecord("web", logging.INFO, __file__, 1, "GET %s", ("/boots/x/",), None)
    record.__dict__.update(
        path="/boots/x/", duration_ms=12.5, user="ada", password="hidden", request=object()
    )
    return record


def test_fields_follow_the_message_of_a_line_to_read() -> None:
    token = context.set({"request_id": "r-1"})
    line = TextFormatter("%(levelname)s %(name)s: %(message)s").format(request_line())
    context.reset(token)
    assert line == "INFO web: GET /boots/x/ request_id=r-1 duration_ms=12.5 user=ada password=***"


def test_fields_are_names_of_a_json_line() -> None:
    token = context.set({"request_id": "r-1"})
    found = json.loads(JsonFormatter().format(request_line()))
    context.reset(token)
    assert list(found)[:4] == ["at", "level", "logger", "message"]
    assert {name: found[name] for name in list(found)[4:]} == {
        "request_id": "r-1",
        "path": "/boots/x/",
        "duration_ms": 12.5,
        "user": "ada",
        "password": "***",
    }


def test_a_field_cannot_pose_as_the_message() -> None:
    record = request_line()
    record.__dict__["level"] = "CRITICAL"
    assert json.loads(JsonFormatter().format(record))["level"] == "INFO"


def test_the_fields_stand_before_the_traceback() -> None:
    record = failure()
    record.__dict__["user"] = "ada"
    lines = TextFormatter("%(message)s").format(record).splitlines()
    assert (lines[0], lines[1]) == ("lost redis://:***@cache user=ada", "Traceback (most recent call last):")


def test_a_line_cannot_be_forged_by_a_field() -> None:
    record = request_line()
    record.__dict__["user"] = "ada\nERROR root: everything is lost"
    assert len(TextFormatter("%(message)s").format(record).splitlines()) == 1
