"""What is wrong with a body, and where: pointers, sentences, and texts that no database can store."""

import json
import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.domain.events import BootReady
from ingest.wire.faults import (
    FIRST,
    LAST,
    MAX_DETAIL,
    MAX_LONE,
    MAX_POINTER,
    NUL,
    beyond,
    clip,
    escape,
    explain,
    mend,
    nul_in,
)

TYPES = "Expected `str`, got `int`"


@pytest.mark.parametrize(
    ("message", "pointer", "detail"),
    [
        (TYPES, "", TYPES),
        (f"{TYPES} - at `$.reporter.name`", "/reporter/name", TYPES),
        (f"{TYPES} - at `$.resource.service.name`", "/resource/service.name", TYPES),
        (f"{TYPES} - at `$.phases[1].depends_on[0]`", "/phases/1/depends_on/0", TYPES),
        (f"{TYPES} - at `$.budgets[...]`", "/budgets", TYPES),
        (f"{TYPES} - at `key` in `$.codes`", "/codes", TYPES),
        ("Object missing required field `v`", "/v", "Object missing required field `v`"),
        (
            "Object missing required field `id` - at `$.boot`",
            "/boot/id",
            "Object missing required field `id`",
        ),
        ("`to_age` must not be before `from_age`", "/to_age", "`to_age` must not be before `from_age`"),
        (
            "Invalid enum value ' - at `$.x`' - at `$.origin`",
            "/origin",
            "Invalid enum value ' - at `$.x`'",
        ),
        (
            "Invalid value 'Object missing required field `x`' - at `$.kind`",
            "/kind",
            "Invalid value 'Object missing required field `x`'",
        ),
    ],
)
def test_the_message_of_the_decoder_becomes_a_pointer_and_a_sentence(
    message: str, pointer: str, detail: str
) -> None:
    assert explain(message) == (pointer, detail)


def test_a_sentence_that_repeats_too_much_is_cut() -> None:
    assert clip("x" * MAX_DETAIL) == "x" * MAX_DETAIL
    assert clip("x" * (MAX_DETAIL + 1)) == "x" * MAX_DETAIL + "…"


def test_a_step_of_a_pointer_is_escaped() -> None:
    assert escape("a/b~c~1") == "a~1b~0c~01"


def test_a_stamp_may_lie_within_the_years_that_everybody_can_count() -> None:
    second = timedelta(seconds=1)
    stamps = {FIRST: None, LAST: None, FIRST - second: "at", LAST + second: "at"}
    assert {at: beyond(BootReady(age=1.0, at=at), ("at",)) for at in stamps} == stamps
    assert beyond(BootReady(age=1.0), ("at",)) is None
    assert (datetime(1970, 1, 2, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)) == (FIRST, LAST)


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ("a", None),
        ("a\0", ""),
        (7, None),
        ({"a": ["b", {"c": "\0"}]}, "/a/1/c"),
        ({"a": {"b\0": 1}}, "/a"),
        ({"a/b": "\0", "c": "\0"}, "/a~1b"),
        ({"x" * MAX_POINTER: {"y": "\0"}}, ""),
        ({"a": {"x" * MAX_POINTER: "\0"}}, "/a"),
    ],
)
def test_the_first_nul_is_pointed_at_or_what_holds_it(value: object, pointer: str | None) -> None:
    assert nul_in(value) == pointer


def naively_mended(body: bytes) -> bytes:
    """The same, escape by escape."""
    text = body.decode("latin-1")
    whole = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    return re.sub(
        rf"{whole}|(?P<lone>\\u[dD][89a-fA-F][0-9a-fA-F]{{2}})|\\.",
        lambda found: r"\u0000" if found["lone"] else found[0],
        text,
        flags=re.DOTALL,
    ).encode("latin-1")


PIECES = st.sampled_from(
    [
        "\\",
        "\\\\",
        "u",
        r"\ud83d",
        r"\uDE00",
        r"\ud83d\ude00",
        r"\u0041",
        r"\ud8",
        "d800",
        "\n",
        "é",
        "\\n",
        "\\u",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES).map(lambda pieces: "".join(pieces).encode()))
def test_lone_surrogates_alone_become_a_nul(body: bytes) -> None:
    assert mend(body) == naively_mended(body)


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_characters="\0")))
def test_a_mended_text_is_what_was_written_but_for_halves_of_characters(text: str) -> None:
    # What Python joins from two escapes, it also takes for one character.
    text = json.loads(json.dumps(text))
    assert json.loads(mend(json.dumps(text).encode())) == re.sub("[\ud800-\udfff]", "\0", text)


def test_many_are_mended_and_more_left_alone() -> None:
    assert mend(rb"\ud800" * MAX_LONE) == NUL * MAX_LONE
    assert mend(rb"\ud800" * (MAX_LONE + 1)) == NUL * MAX_LONE + rb"\ud800"


@pytest.mark.parametrize("piece", [rb"\n", rb"\\", rb"\ud83d\ude00", rb"x\ud800", rb"\u", b"x"])
def test_it_takes_a_time_in_proportion_to_the_body(piece: bytes) -> None:
    def took(size: int) -> float:
        body = rb"\ud800" + piece * (size // len(piece))
        began = time.process_time()
        mend(body)
        return time.process_time() - began

    assert took(8_000_000) < 40 * max(took(1_000_000), 0.01)
