"""Wire format v1 as lines: an envelope, then an event each."""

import contextlib
import json
import time
import tracemalloc

import pytest

from ingest.wire import native
from ingest.wire.batch import Batch, Refused
from ingest.wire.event import MAX_EVENTS
from ingest.wire.ndjson import decode
from tests.ingest.batches import document, race
from tests.ingest.wire.forms import as_json, as_ndjson

READY = {"seq": 0, "age": 1.0, "kind": "boot.ready"}
GOOD = json.dumps(READY).encode()
SENT = document(race())
ENVELOPE, *EVENTS = as_ndjson(SENT).splitlines()


def refused(body: bytes) -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        decode(body)
    return caught.value.status, caught.value.detail


def turned_away(*lines: bytes) -> list[tuple[int, str, str]]:
    """Index, place and reason of the events that are not taken."""
    return [(r.index, r.pointer, r.detail) for r in decode(b"\n".join([ENVELOPE, *lines])).rejected]


def same_as_the_document(batch: Batch) -> bool:
    return batch == native.decode(as_json(SENT))


@pytest.mark.parametrize("line_break", [b"\n", b"\r\n", b"\n\n", b"\n \t\r\n", b"  \n  "])
@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n \n\n"])
@pytest.mark.parametrize("start", [b"", b"\r\n\n "])
def test_lines_may_end_in_any_way_and_blank_ones_do_not_count(
    line_break: bytes, end: bytes, start: bytes
) -> None:
    assert same_as_the_document(decode(start + line_break.join([ENVELOPE, *EVENTS]) + end))


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_an_envelope_alone_is_a_batch_without_events(end: bytes) -> None:
    assert (decode(ENVELOPE + end).items, decode(ENVELOPE + end).rejected) == ((), ())


def test_a_line_separator_of_unicode_ends_no_line() -> None:
    error = "a\u2028b\u0085c\vd"
    body = as_ndjson(document([{**READY, "kind": "boot.failed", "error": error}]))
    raw = body.replace(rb"\u2028", "\u2028".encode())
    assert [json.loads(item.body)["error"] for item in decode(raw).items] == [error]


def test_a_broken_line_costs_its_event_and_names_its_number() -> None:
    assert turned_away(b"", GOOD, b"", b'{"seq": 1, ', b'{"seq": 2, "age": "x", "kind": "alive"}') == [
        (1, "/events/1", "Line 5: Not valid JSON: Input data was truncated"),
        (2, "/events/2/age", "Line 6: Expected `float | null`, got `str`"),
    ]


@pytest.mark.parametrize("line", [b"x", GOOD + GOOD, GOOD + b",", b'{"a": \xff}', b"[" * 100_000, b"\x00"])
def test_what_is_no_json_by_itself_is_no_event(line: bytes) -> None:
    ((index, pointer, detail),) = turned_away(GOOD, line)
    assert (index, pointer, detail[:8]) == (1, "/events/1", "Line 3: ")


def test_half_an_emoji_costs_its_event_and_names_its_field() -> None:
    bad = rb'{"seq": 1, "age": 1, "kind": "boot.failed", "error": "\ud83d"}'
    whole = rb'{"seq": 2, "age": 1, "kind": "boot.failed", "error": "\ud83d\ude00 \\ud83d"}'
    assert turned_away(bad, whole) == [
        (0, "/events/0/error", "Line 2: NUL and lone surrogates cannot be stored")
    ]


def test_an_envelope_with_events_is_refused() -> None:
    assert refused(as_json(SENT)) == (422, "/events: Each event is a line of its own after this one")


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "Line 1, the envelope, is not valid JSON: Input data was truncated."),
        (b" \r\n\n", "Line 1, the envelope, is not valid JSON: Input data was truncated."),
        (b"\n\n{\n}", "Line 3, the envelope, is not valid JSON: Input data was truncated."),
        (
            b"\xef\xbb\xbf" + ENVELOPE,
            "Line 1, the envelope, is not valid JSON: it begins with a byte order mark.",
        ),
        (b"{}x", "Line 1, the envelope, is not valid JSON: JSON is malformed: trailing characters (byte 3)."),
    ],
)
def test_without_an_envelope_in_its_first_line_it_is_a_bad_request(body: bytes, detail: str) -> None:
    assert refused(body) == (400, detail)


def test_a_batch_in_utf_16_is_a_bad_request() -> None:
    assert refused(as_ndjson(SENT).decode().encode("utf-16"))[0] == 400


def test_it_may_hold_as_many_events_as_a_document() -> None:
    assert len(decode(ENVELOPE + b"\n" + (GOOD + b"\n") * MAX_EVENTS).items) == MAX_EVENTS
    many = refused(ENVELOPE + b"\n" + (GOOD + b"\n") * (MAX_EVENTS + 1))
    assert many == (413, "A batch may have 10000 events; split it.")


@pytest.mark.parametrize("line", [b"\n", b"0\n", b" ", b'""\n', b"x"])
def test_what_it_costs_is_bounded_whatever_fills_it(line: bytes) -> None:
    body = ENVELOPE + b"\n" + GOOD + b"\n" + line * (8_000_000 // len(line))

    tracemalloc.start()
    began = time.process_time()
    with contextlib.suppress(Refused):
        decode(body)
    took = time.process_time() - began
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (took < 3.0, peak < 8_000_000) == (True, True)
