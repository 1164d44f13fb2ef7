"""Wire format v1 as one JSON document: what is a batch, and what is none."""

import json
from typing import Any

import pytest

from ingest.domain.events import BootReady
from ingest.wire.batch import Batch, Refused
from ingest.wire.event import MAX_EVENTS
from ingest.wire.native import MAX_COMMAS, decode
from tests.ingest.batches import document, race
from tests.ingest.wire.forms import as_json

READY = {"seq": 0, "age": 1.0, "kind": "boot.ready"}


def decoded(*events: object, **fields: Any) -> Batch:
    return decode(as_json({**document([]), "events": [READY, *events], **fields}))


def rejected_raw(event: bytes) -> list[tuple[str, str]]:
    """Where and why an event that no encoder would write is turned away."""
    body = as_json({**document([]), "events": [READY]}).replace(
        b'"events": [', b'"events": [' + event + b", "
    )
    return [(r.pointer, r.detail) for r in decode(body).rejected]


def refused(body: bytes) -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        decode(body)
    return caught.value.status, caught.value.detail


class TestAGoodBatch:
    def test_is_decoded_whole(self) -> None:
        batch = decode(as_json(document(race(), instance="i-1")))

        assert (batch.reporter.role, batch.reporter.name, batch.reporter.version) == (
            "service",
            "probe",
            "1.0.0",
        )
        assert (batch.resource.service, batch.resource.release) == ("chat-backend", "r1")
        assert (batch.resource.environment, batch.resource.instance) == ("staging", "i-1")
        assert batch.boot is not None
        assert (batch.boot.id, batch.sent_age, batch.rejected) == ("boot-1", 60.0, ())
        assert [item.index for item in batch.items] == list(range(len(race())))

    def test_needs_little(self) -> None:
        said = {"v": 1, "reporter": {"role": "log", "name": "l"}, "resource": {"service.name": "s"}}
        batch = decode(as_json({**said, "boot": {"id": "b"}, "events": []}))

        assert (batch.resource.environment, batch.resource.release) == ("default", "unknown")
        assert batch.items == ()

    def test_may_hold_as_many_events_as_it_may(self) -> None:
        assert len(decoded(*[READY] * (MAX_EVENTS - 1)).items) == MAX_EVENTS

    @pytest.mark.parametrize("body", [b"%s\n\n", b" \t\r\n%s"])
    def test_may_stand_in_white_space(self, body: bytes) -> None:
        assert len(decode(body % as_json(document([READY]))).items) == 1


class TestBytesThatNoEncoderWrites:
    def test_a_number_beyond_what_a_float_can_be_costs_its_event(self) -> None:
        event = b'{"seq": 1, "age": 1e999, "kind": "boot.ready"}'
        assert rejected_raw(event) == [("/events/0/age", "Number out of range")]

    def test_an_integer_of_thousands_of_digits_costs_its_event(self) -> None:
        event = b'{"seq": %s, "age": 1, "kind": "boot.ready"}' % (b"9" * 5000)
        assert rejected_raw(event) == [("/events/0/seq", "Integer value out of range")]

    def test_invalid_utf8_costs_its_event(self) -> None:
        ((pointer, detail),) = rejected_raw(b'{"seq": 1, "age": 1, "kind": "boot.failed", "error": "\xff"}')
        assert (pointer, detail.startswith("Not valid JSON: 'utf-8'")) == ("/events/0", True)

    def test_invalid_utf8_in_an_unknown_field_costs_nothing(self) -> None:
        assert rejected_raw(b'{"seq": 1, "age": 1, "kind": "boot.ready", "x": "\xff"}') == []

    def test_of_a_key_that_comes_twice_the_last_counts(self) -> None:
        body = as_json(document([READY])).replace(b'"age": 1.0', b'"age": 1.0, "age": 2.0')
        assert [item.event for item in decode(body).items] == [BootReady(seq=0, age=2.0)]

    def test_two_kinds_in_one_event_cost_it_or_make_it_unknown(self) -> None:
        assert rejected_raw(b'{"seq": 1, "age": 1, "kind": "x", "kind": "boot.ready"}') == [
            ("/events/0/kind", "Invalid value 'x'")
        ]
        assert rejected_raw(b'{"seq": 1, "age": 1, "kind": "boot.ready", "kind": "x"}') == []

    def test_an_escaped_backslash_before_a_u_is_neither_nul_nor_surrogate(self) -> None:
        text = r"\u0000 \ud800 \\ud800"
        (item,) = decoded({"seq": 1, "age": 1, "kind": "boot.failed", "error": text}).items[1:]
        assert json.loads(item.body)["error"] == text

    def test_a_lone_surrogate_takes_no_whole_emoji_along(self) -> None:
        good = {"seq": 1, "age": 1, "kind": "boot.failed", "error": "😀 \\ud800 \\"}
        batch = decoded(good, {**good, "error": "\ud83d"})
        assert ([i.event.seq for i in batch.items], len(batch.rejected)) == ([0, 1], 1)
        assert json.loads(batch.items[1].body)["error"] == good["error"]


NOT_JSON = [
    b"",
    b"  ",
    b"{",
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf" + as_json(document([READY])),
    as_json(document([READY])).decode().encode("utf-16"),
    as_json(document([READY])) + b"x",
    as_json(document([READY])) * 2,
    as_json(document([READY])).replace(b"1.0,", b"NaN,"),
    as_json(document([READY])).replace(b"1.0,", b"Infinity,"),
    as_json(document([READY])).replace(b'"probe"', b'"\xff"'),
    as_json(document([READY])).replace(b'"probe"', b'"\x00"'),
    as_json(document([{**READY, "x": 0}])).replace(b'"x": 0', b'"x": ' + b"[" * 100_000 + b"]" * 100_000),
]


@pytest.mark.parametrize("body", NOT_JSON)
def test_what_is_no_json_is_a_bad_request(body: bytes) -> None:
    status, detail = refused(body)
    assert (status, detail.startswith("The body is not valid JSON: ")) == (400, True)


@pytest.mark.parametrize("events", [{}, None, "x", 7])
def test_events_that_are_no_list_are_refused(events: object) -> None:
    status, detail = refused(as_json({**document([]), "events": events}))
    assert (status, detail.startswith("/events: Expected `array`, got `")) == (422, True)


def test_a_document_without_events_is_refused() -> None:
    sent = {name: value for name, value in document([]).items() if name != "events"}
    assert refused(as_json(sent)) == (422, "/events: Object missing required field `events`")


def test_too_many_events_are_too_large() -> None:
    sent = {**document([]), "events": [READY] * (MAX_EVENTS + 1)}
    assert refused(as_json(sent)) == (413, "A batch may have 10000 events; split it.")


def test_more_values_than_any_batch_has_are_too_large_before_each_takes_its_memory() -> None:
    body = as_json(document([READY])).replace(b"[{", b"[" + b"0," * MAX_COMMAS + b"{")
    assert refused(body) == (413, "A body may have 1000000 commas; split the batch.")
