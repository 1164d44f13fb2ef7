"""Secrets never reach a log, wherever in a line they stand."""

import json
import logging
import string
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.logs.lines import JsonFormatter, TextFormatter
from dashboard.logs.redaction import redacted, without_secrets
from ingest import auth

SECRET = st.text(alphabet=string.ascii_letters + string.digits + "-_.~%!$*+", min_size=8, max_size=64)
PLACES = (
    "GET /api/v1/boots?key={} HTTP/1.1",
    "GET /x?a=1&access_token={}&b=2",
    "Authorization: Bearer {}",
    "authorization: basic {}",
    "{{'Authorization': 'Bearer {}'}}",
    "could not reach postgres://someone:{}@db.example:5432/name",
    "Cannot connect to redis://:{}@cache:6379/0: refused",
    "amqps://falsestart:{}@broker//",
    "Cookie: theme=dark; falsestart_session={}; csrftoken=abc",
    "{{'Set-Cookie': 'falsestart_session={}; HttpOnly'}}",
    "falsestart_session={}",
    "SECRET_KEY={}",
    "password: {}",
    '{{"username": "ada", "password": "{}"}}',
    "{{'api_key': '{}'}}",
    "X-CSRFToken: {}",
)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("connected to redis://:hidden@cache:6379/0", "connected to redis://:***@cache:6379/0"),
        ("postgres://someone:hid%2Fden@db/name", "postgres://someone:***@db/name"),
        ("postgres://someone:hid@den@db/name", "postgres://someone:***@db/name"),
        ("Authorization: Bearer fs_abc.def", "Authorization: Bearer ***"),
        ("key fs_abc-DEF_1 is unknown", "key fs_*** is unknown"),
        ("GET /a?key=hidden&limit=5", "GET /a?key=***&limit=5"),
        ("http://127.0.0.1:8011/boots/a@b", "http://127.0.0.1:8011/boots/a@b"),
        ("the session of ada has ended", "the session of ada has ended"),
        ("task ingest.sweep took 1 s", "task ingest.sweep took 1 s"),
        ("monkey=1 turkey: 2", "monkey=1 turkey: 2"),
    ],
)
def test_secrets_are_hidden_and_nothing_else(line: str, shown: str) -> None:
    assert redacted(line) == shown


def record(message: str, secret: str) -> logging.LogRecord:
    """A record that holds a text in its arguments, its traceback and its fields."""
    try:
        raise ConnectionError(message)
    except ConnectionError:
        made = logging.LogRecord("a", logging.ERROR, __file__, 1, "lost: %s", (message,), sys.exc_info())
    made.__dict__.update(why=message, told={"inside": message}, token=secret, csrftoken=secret)
    return made


@given(secret=SECRET, place=st.sampled_from(PLACES))
def test_no_secret_is_in_a_line_wherever_it_came_from(secret: str, place: str) -> None:
    made = record(place.format(secret), secret)
    known = place.format("").lower() + "lost traceback error test_redaction.py"
    lines = [TextFormatter("%(message)s").format(made), JsonFormatter().format(made)]
    assert [line for line in lines if secret in line and secret.lower() not in known] == []
    assert json.loads(lines[1])["token"] == "***"


@given(st.text(), st.text())
def test_a_key_is_hidden_whatever_stands_around_it(before: str, after: str) -> None:
    secret = auth.mint()
    assert secret not in redacted(f"{before} {secret} {after}")


@given(st.text(max_size=200))
def test_a_line_is_redacted_once_and_for_all(line: str) -> None:
    once = redacted(line)
    assert redacted(once) == once


def test_numbers_stay_numbers_and_secret_fields_are_hidden_whole() -> None:
    fields = {"status": 200, "took": 1.5, "user": None, "cookie": "a=b", "Authorization": 7}
    assert without_secrets(fields) == {
        "status": 200,
        "took": 1.5,
        "user": None,
        "cookie": "***",
        "Authorization": "***",
    }
