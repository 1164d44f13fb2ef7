"""One event: what is accepted, what is turned away, and how the answer names the place."""

import json
import random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.domain.events import KINDS, Unknown, kind_of
from ingest.wire.batch import Batch, Refused
from ingest.wire.body import Format
from ingest.wire.event import MAX_DEPTH, MAX_ERRORS, MAX_EVENT, MAX_EVENTS, MAX_UNKNOWN, decode_event
from ingest.wire.faults import UNSTORABLE
from ingest.wire.formats import DECODERS
from ingest.wire.native import decode
from tests.ingest.batches import document
from tests.ingest.wire.forms import WRITERS, as_json
from tests.ingest.wire.strategies import ANY_JSON, BY_KIND

READY = {"seq": 0, "age": 1.0, "kind": "boot.ready"}
EACH_KIND = settings(max_examples=12, deadline=None)


def decoded(*events: object, **fields: Any) -> Batch:
    return decode(as_json({**document([]), "events": [READY, *events], **fields}))


def rejected(*events: object) -> list[tuple[str, str]]:
    """Where and why events beside a good one are turned away."""
    return [(r.pointer, r.detail) for r in decoded(*events).rejected]


def shuffled(value: Any, chance: random.Random) -> Any:
    if not isinstance(value, dict):
        return value
    return dict(sorted(value.items(), key=lambda _: chance.random()))


@pytest.mark.parametrize("kind", sorted(KINDS))
class TestEveryKind:
    def test_is_generated(self, kind: str) -> None:
        assert kind in BY_KIND

    @EACH_KIND
    @given(data=st.data())
    def test_comes_back_from_its_canonical_json(self, kind: str, data: st.DataObject) -> None:
        batch = decoded({"seq": 1, **data.draw(BY_KIND[kind])})

        assert batch.rejected == ()
        item = batch.items[1]
        assert decode_event(item.body) == item.event
        assert msgspec.json.encode(decode_event(item.body)).decode() == item.body
        assert (kind_of(item.event), json.loads(item.body)["kind"]) == (kind, kind)

    @EACH_KIND
    @given(data=st.data(), chance=st.randoms(use_true_random=False))
    def test_is_the_same_in_any_order_and_spacing_and_with_unknown_fields(
        self, kind: str, data: st.DataObject, chance: random.Random
    ) -> None:
        event = {"seq": 1, **data.draw(BY_KIND[kind])}
        noisy = shuffled({**event, "x-unknown": data.draw(ANY_JSON)}, chance)
        sent = {**document([]), "events": [READY, noisy]}
        noisy_body = json.dumps(
            shuffled(sent, chance), indent=data.draw(st.integers(0, 3)), ensure_ascii=False
        )
        try:
            raw = noisy_body.encode()
        except UnicodeEncodeError:  # what Python calls text holds lone surrogates
            raw = json.dumps(sent).encode()
        if "NaN" in noisy_body or "Infinity" in noisy_body:  # Python's own dialect
            return

        assert [item.body for item in decode(raw).items] == [item.body for item in decoded(event).items]


class TestAnEventOfAnUnknownKind:
    def test_is_kept_whole_in_canonical_form(self) -> None:
        event = {"seq": 1, "kind": "socket.paused", "z": [1, {"b": 2, "a": None}], "a": 0.5, "age": 3}

        (item,) = decoded(event).items[1:]

        assert item.event == Unknown(kind="socket.paused", seq=1, age=3.0)
        assert item.body == '{"a":0.5,"age":3,"kind":"socket.paused","seq":1,"z":[1,{"a":null,"b":2}]}'
        assert decode_event(item.body) == item.event

    def test_needs_no_age(self) -> None:
        assert rejected({"seq": 1, "kind": "later"}) == []

    def test_needs_its_identity(self) -> None:
        assert rejected({"kind": "later"}) == [("/events/1/seq", "Object missing required field `seq`")]

    def test_may_not_be_deeper_than_its_readers_can_follow(self) -> None:
        def nested(levels: int) -> Any:
            return {"seq": 1, "kind": "later", "x": json.loads("[" * levels + "]" * levels)}

        assert rejected(nested(MAX_DEPTH - 1)) == []
        assert rejected(nested(MAX_DEPTH)) == [("/events/1", "Nested deeper than 32 objects or lists")]

    def test_may_not_be_larger_than_a_row_should_be(self) -> None:
        assert rejected({"seq": 1, "kind": "later", "x": "x" * MAX_UNKNOWN}) == [
            ("/events/1", "An event of an unknown kind may have 65536 characters")
        ]

    def test_is_not_what_a_known_kind_with_a_fault_is_taken_for(self) -> None:
        assert rejected({"seq": 1, "kind": "boot.ready"}) == [
            ("/events/1/age", "Object missing required field `age`")
        ]


ENDED = {"seq": 1, "kind": "socket.ended", "opened_age": 1.0, "ended_age": 2.0}
PHASE = {"seq": 1, "kind": "phase.started", "age": 1.0, "phase": "init"}
FAULTS: list[tuple[object, str, str]] = [
    ([], "", "Expected `object`, got `array`"),
    ("boot.ready", "", "Expected `object`, got `str`"),
    (None, "", "Expected `object`, got `null`"),
    (7, "", "Expected `object`, got `int`"),
    ({}, "/kind", "Object missing required field `kind`"),
    ({**READY, "kind": 7}, "/kind", "Expected `str`, got `int`"),
    ({**READY, "kind": ""}, "/kind", "Expected `str` of length >= 1"),
    ({**READY, "kind": "x" * 65}, "/kind", "Expected `str` of length <= 64"),
    ({**READY, "seq": None}, "/seq", "Object missing required field `seq`"),
    ({**READY, "seq": -1}, "/seq", "Expected `int` >= 0"),
    ({**READY, "seq": 1.5}, "/seq", "Expected `int | null`, got `float`"),
    ({**READY, "seq": True}, "/seq", "Expected `int | null`, got `bool`"),
    ({**READY, "seq": "1"}, "/seq", "Expected `int | null`, got `str`"),
    ({**READY, "seq": 2**63}, "/seq", "Expected `int` <= 9223372036854775807"),
    ({**READY, "age": None}, "/age", "Expected `float`, got `null`"),
    ({**READY, "age": "1"}, "/age", "Expected `float | null`, got `str`"),
    ({**READY, "age": 1e10}, "/age", "Expected `float` <= 1000000000.0"),
    ({**READY, "at": "2026-09-16T01:42:53"}, "/at", "Expected `datetime` with a timezone component"),
    ({**READY, "at": "today"}, "/at", "Invalid RFC3339 encoded datetime"),
    ({**READY, "at": 1_789_522_973}, "/at", "Expected `datetime | null`, got `int`"),
    ({**READY, "at": "1969-12-31T23:59:59Z"}, "/at", "A stamp must lie between 1970 and 2200"),
    ({**READY, "at": "0001-01-01T00:00:00+14:00"}, "/at", "A stamp must lie between 1970 and 2200"),
    ({**READY, "at": "9999-12-31T23:59:59-14:00"}, "/at", "A stamp must lie between 1970 and 2200"),
    ({**ENDED, "opened_at": "2300-01-01T00:00:00Z"}, "/opened_at", "A stamp must lie between 1970 and 2200"),
    ({**ENDED, "code": 999}, "/code", "Expected `int` >= 1000"),
    ({**ENDED, "code": 5000}, "/code", "Expected `int` <= 4999"),
    ({**ENDED, "origin": "fate"}, "/origin", "Invalid enum value 'fate'"),
    ({**ENDED, "stands_for": 0}, "/stands_for", "Expected `int` >= 1"),
    ({**ENDED, "reason": "x" * 4001}, "/reason", "Expected `str` of length <= 4000"),
    ({**ENDED, "kind": "socket.rejected", "status": 99}, "/status", "Expected `int` >= 100"),
    ({"seq": 1, "kind": "socket.opened", "socket": "s"}, "/age", "Object missing required field `age`"),
    ({"seq": 1, "kind": "socket.ended", "code": 1011}, "/age", "Object missing required field `age`"),
    ({**PHASE, "phase": ""}, "/phase", "Expected `str` of length >= 1"),
    ({**PHASE, "phase": "x" * 201}, "/phase", "Expected `str` of length <= 200"),
    ({**PHASE, "depends_on": ["a", 7]}, "/depends_on/1", "Expected `str`, got `int`"),
    ({**PHASE, "depends_on": "a"}, "/depends_on", "Expected `array`, got `str`"),
    ({**PHASE, "kind": "phase.finished"}, "/status", "Object missing required field `status`"),
    (
        {**PHASE, "kind": "phase.finished", "status": "running"},
        "/status",
        "`status` of a finished phase cannot be running",
    ),
    (
        {"seq": 1, "kind": "sockets.opened", "from_age": 2.0, "to_age": 1.0, "count": 1},
        "/to_age",
        "`to_age` must not be before `from_age`",
    ),
    ({**READY, "kind": "boot.failed", "error": "a\0b"}, "/error", UNSTORABLE),
    ({**READY, "id": "\0"}, "/id", UNSTORABLE),
    ({**PHASE, "depends_on": ["a", "\0"]}, "/depends_on/1", UNSTORABLE),
    ({"seq": 1, "kind": "later\0"}, "/kind", UNSTORABLE),
    ({"seq": 1, "kind": "later", "a/b~c": {"d": ["\0"]}}, "/a~1b~0c/d/0", UNSTORABLE),
    ({"seq": 1, "kind": "later", "x": {"\0": 1}}, "/x", UNSTORABLE),
    ({**READY, "kind": "boot.failed", "error": "half an emoji: \ud83d"}, "/error", UNSTORABLE),
    ({**READY, "kind": "boot.failed", "error": "the other half: \ude00"}, "/error", UNSTORABLE),
    ({"seq": 1, "kind": "later", "x": "\ud83d\ud83d"}, "/x", UNSTORABLE),
]


@pytest.mark.parametrize("format_", Format)
@pytest.mark.parametrize(("event", "pointer", "detail"), FAULTS)
def test_a_bad_event_is_turned_away_by_name_and_the_rest_stays(
    format_: Format, event: object, pointer: str, detail: str
) -> None:
    sent = {**document([]), "events": [READY, event]}
    batch = DECODERS[format_](WRITERS[format_](sent))

    line = "Line 3: " if format_ is Format.NDJSON else ""
    assert [(r.pointer, r.detail) for r in batch.rejected] == [(f"/events/1{pointer}", line + detail)]
    assert [item.event.seq for item in batch.items] == [0]


def test_a_sentence_does_not_repeat_all_of_what_was_sent() -> None:
    ((pointer, detail),) = rejected({**ENDED, "origin": "x" * 100_000})
    assert (pointer, detail[:30], len(detail)) == ("/events/1/origin", "Invalid enum value 'xxxxxxxxxx", 301)


def test_a_value_that_reads_like_a_place_is_none() -> None:
    (fault,) = rejected({**ENDED, "origin": "' - at `$.reason`, Object missing required field `code`"})
    assert fault[0] == "/events/1/origin"


def test_an_event_may_not_be_larger_than_any_that_is_stored() -> None:
    error = {**READY, "seq": 1, "kind": "boot.failed", "error": "😀" * 4000, "x": ""}
    padding = MAX_EVENT - len(as_json(error))

    assert rejected({**error, "x": "x" * padding}) == []
    assert rejected({**error, "x": "x" * (padding + 1)}) == [("/events/1", "An event may have 262144 bytes")]


def test_a_batch_without_any_valid_event_is_refused_and_lists_why() -> None:
    with pytest.raises(Refused) as caught:
        decode(as_json({**document([]), "events": [{**READY, "seq": -1}, 7]}))
    assert caught.value.status == 422
    assert caught.value.errors == (
        ("/events/0/seq", "Expected `int` >= 0"),
        ("/events/1", "Expected `object`, got `int`"),
    )


def test_of_many_events_of_which_none_is_valid_the_first_are_listed() -> None:
    with pytest.raises(Refused) as caught:
        decode(as_json({**document([]), "events": [0] * MAX_EVENTS}))
    assert caught.value.detail == "No event of the batch is valid. The first 100 of 10000 are listed."
    assert [pointer for pointer, _ in caught.value.errors] == [f"/events/{n}" for n in range(MAX_ERRORS)]


class TestWithoutABoot:
    def test_an_event_needs_its_id_and_its_wall_time(self) -> None:
        at = "2026-09-16T01:42:53Z"
        good = {"kind": "socket.ended", "id": "1", "ended_at": at, "code": 1006}
        sent = document([good, {**good, "id": None}, {**good, "ended_at": None}], boot=None, role="client")

        batch = decode(as_json(sent))

        assert [item.event.id for item in batch.items] == ["1"]
        assert [r.pointer for r in batch.rejected] == ["/events/1/id", "/events/2/at"]

    @pytest.mark.parametrize("stamp", ["at", "opened_at"])
    def test_an_opening_is_dated_by_either_stamp(self, stamp: str) -> None:
        opened = {"kind": "socket.opened", "id": "1", stamp: "2026-09-16T01:42:53Z"}
        assert decode(as_json(document([opened], boot=None))).rejected == ()

    def test_another_kind_is_dated_by_its_own(self) -> None:
        good = {"kind": "later", "id": "1", "at": "2026-09-16T01:42:53Z"}
        batch = decode(as_json(document([good, {**good, "at": None}], boot=None)))
        assert [r.pointer for r in batch.rejected] == ["/events/1/at"]
