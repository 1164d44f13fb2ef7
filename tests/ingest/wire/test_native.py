"""Wire format v1: what is accepted, what is refused, and how the answer names the place."""

import json
import random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.domain.events import KINDS, BootReady, Unknown, kind_of
from ingest.wire.batch import Batch, Refused
from ingest.wire.native import MAX_DEPTH, MAX_EVENTS, MAX_UNKNOWN, UNSTORABLE, decode, decode_event
from tests.ingest.batches import document, race
from tests.ingest.wire.strategies import ANY_JSON, BY_KIND

READY = {"seq": 0, "age": 1.0, "kind": "boot.ready"}
FAST = settings(max_examples=50, deadline=None)
EACH_KIND = settings(max_examples=12, deadline=None)


def encode(value: object) -> bytes:
    return json.dumps(value).encode()


def decoded(*events: object, **fields: Any) -> Batch:
    return decode(encode({**document([]), "events": [READY, *events], **fields}))


def rejected(*events: object) -> list[tuple[str, str]]:
    """Where and why events beside a good one are turned away."""
    return [(r.pointer, r.detail) for r in decoded(*events).rejected]


def rejected_raw(event: bytes) -> list[tuple[str, str]]:
    """The same for an event that no encoder would write."""
    body = encode({**document([]), "events": [READY]}).replace(b'"events": [', b'"events": [' + event + b", ")
    return [(r.pointer, r.detail) for r in decode(body).rejected]


def refused(body: bytes) -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        decode(body)
    return caught.value.status, caught.value.detail


def refused_field(**fields: Any) -> list[str]:
    """The pointers at which an envelope is refused."""
    with pytest.raises(Refused) as caught:
        decode(encode({**document([READY]), **fields}))
    assert caught.value.status == 422
    return [pointer for pointer, _ in caught.value.errors]


def shuffled(value: Any, chance: random.Random) -> Any:
    if not isinstance(value, dict):
        return value
    return dict(sorted(value.items(), key=lambda _: chance.random()))


class TestAGoodBatch:
    def test_is_decoded_whole(self) -> None:
        batch = decode(encode(document(race(), instance="i-1")))

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
        batch = decode(encode({**said, "boot": {"id": "b"}, "events": []}))

        assert (batch.resource.environment, batch.resource.release) == ("default", "unknown")
        assert batch.items == ()

    def test_may_hold_as_many_events_as_it_may(self) -> None:
        assert len(decoded(*[READY] * (MAX_EVENTS - 1)).items) == MAX_EVENTS

    @pytest.mark.parametrize("body", [b"%s\n\n", b" \t\r\n%s"])
    def test_may_stand_in_white_space(self, body: bytes) -> None:
        assert len(decode(body % encode(document([READY]))).items) == 1


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


@pytest.mark.parametrize(("event", "pointer", "detail"), FAULTS)
def test_a_bad_event_is_turned_away_by_name_and_the_rest_stays(
    event: object, pointer: str, detail: str
) -> None:
    assert rejected(event) == [(f"/events/1{pointer}", detail)]


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
        body = encode(document([READY])).replace(b'"age": 1.0', b'"age": 1.0, "age": 2.0')
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
    b"\xef\xbb\xbf" + encode(document([READY])),
    encode(document([READY])).decode().encode("utf-16"),
    encode(document([READY])) + b"x",
    encode(document([READY])) * 2,
    encode(document([READY])).replace(b"1.0,", b"NaN,"),
    encode(document([READY])).replace(b"1.0,", b"Infinity,"),
    encode(document([READY])).replace(b'"probe"', b'"\xff"'),
    encode(document([READY])).replace(b'"probe"', b'"\x00"'),
    encode(document([{**READY, "x": 0}])).replace(b'"x": 0', b'"x": ' + b"[" * 100_000 + b"]" * 100_000),
]


@pytest.mark.parametrize("body", NOT_JSON)
def test_what_is_no_json_is_a_bad_request(body: bytes) -> None:
    status, detail = refused(body)
    assert (status, detail.startswith("The body is not valid JSON: ")) == (400, True)


ENVELOPES: list[tuple[dict[str, Any], str]] = [
    ({"v": 2}, "/v"),
    ({"v": True}, "/v"),
    ({"v": None}, "/v"),
    ({"reporter": None}, "/reporter"),
    ({"reporter": {"role": "witness", "name": "p"}}, "/reporter/role"),
    ({"reporter": {"role": "service"}}, "/reporter/name"),
    ({"reporter": {"role": "service", "name": "p", "version": "\0"}}, "/reporter/version"),
    ({"resource": {}}, "/resource/service.name"),
    ({"resource": {"service.name": ""}}, "/resource/service.name"),
    ({"resource": {"service.name": "s\0"}}, "/resource/service.name"),
    ({"resource": {"service.name": "\ud800"}}, "/resource/service.name"),
    ({"resource": {"service.name": "x" * 201}}, "/resource/service.name"),
    ({"resource": {"service.name": "s", "service.version": 7}}, "/resource/service.version"),
    ({"resource": {"service.name": "s", "service.instance.id": ""}}, "/resource/service.instance.id"),
    ({"resource": {"service.name": "s", "process.pid": -1}}, "/resource/process.pid"),
    (
        {"resource": {"service.name": "s", "deployment.environment.name": None}},
        "/resource/deployment.environment.name",
    ),
    ({"boot": "b"}, "/boot"),
    ({"boot": {}}, "/boot/id"),
    ({"boot": {"id": "a b"}}, "/boot/id"),
    ({"boot": {"id": "a\n"}}, "/boot/id"),
    ({"boot": {"id": "x" * 129}}, "/boot/id"),
    ({"boot": {"id": "b", "parent": ""}}, "/boot/parent"),
    ({"boot": {"id": "b", "started_at": "2026-09-16T01:42:53"}}, "/boot/started_at"),
    ({"boot": {"id": "b", "started_at": "1960-01-01T00:00:00Z"}}, "/boot/started_at"),
    (
        {"boot": {"id": "b", "contract": {"phases": ["a", {"name": "b", "required": 1}]}}},
        "/boot/contract/phases/1/required",
    ),
    ({"boot": {"id": "b", "contract": {"phases": ["a", "b\0"]}}}, "/boot/contract/phases/1"),
    ({"boot": {"id": "b", "contract": {"gate": ""}}}, "/boot/contract/gate"),
    ({"boot": {"id": "b", "contract": {"settle": -1}}}, "/boot/contract/settle"),
    ({"boot": {"id": "b", "contract": {"budgets": {"wait": "2 s"}}}}, "/boot/contract/budgets"),
    ({"boot": {"id": "b", "contract": {"codes": {"99": "policy"}}}}, "/boot/contract/codes"),
    ({"boot": {"id": "b", "contract": {"codes": {"4001\n": "policy"}}}}, "/boot/contract/codes"),
    ({"boot": {"id": "b", "contract": {"codes": {"4001": "mine"}}}}, "/boot/contract/codes"),
    ({"sent_at": "2026-09-16T01:42:53"}, "/sent_at"),
    ({"sent_at": "2300-01-01T00:00:00Z"}, "/sent_at"),
    ({"sent_age": "1"}, "/sent_age"),
    ({"sent_age": 1e10}, "/sent_age"),
    ({"events": {}}, "/events"),
    ({"events": None}, "/events"),
]


@pytest.mark.parametrize(("fields", "pointer"), ENVELOPES)
def test_a_bad_envelope_is_refused_by_the_name_of_its_field(fields: dict[str, Any], pointer: str) -> None:
    assert refused_field(**fields) == [pointer]


@pytest.mark.parametrize("body", [b"[]", b"null", b'"x"', b"7"])
def test_a_body_that_is_no_object_is_refused_as_a_whole(body: bytes) -> None:
    with pytest.raises(Refused) as caught:
        decode(body)
    assert (caught.value.status, [pointer for pointer, _ in caught.value.errors]) == (422, [""])


@pytest.mark.parametrize("missing", ["v", "reporter", "resource", "events"])
def test_a_missing_field_is_named(missing: str) -> None:
    sent = {name: value for name, value in document([READY]).items() if name != missing}
    assert refused(encode(sent)) == (422, f"/{missing}: Object missing required field `{missing}`")


def test_too_many_events_are_too_large() -> None:
    sent = {**document([]), "events": [READY] * (MAX_EVENTS + 1)}
    assert refused(encode(sent)) == (413, "A batch may have 10000 events; split it.")


def test_a_batch_without_any_valid_event_is_refused_and_lists_why() -> None:
    with pytest.raises(Refused) as caught:
        decode(encode({**document([]), "events": [{**READY, "seq": -1}, 7]}))
    assert caught.value.status == 422
    assert caught.value.errors == (
        ("/events/0/seq", "Expected `int` >= 0"),
        ("/events/1", "Expected `object`, got `int`"),
    )


class TestWithoutABoot:
    def test_an_event_needs_its_id_and_its_wall_time(self) -> None:
        at = "2026-09-16T01:42:53Z"
        good = {"kind": "socket.ended", "id": "1", "ended_at": at, "code": 1006}
        sent = document([good, {**good, "id": None}, {**good, "ended_at": None}], boot=None, role="client")

        batch = decode(encode(sent))

        assert [item.event.id for item in batch.items] == ["1"]
        assert [r.pointer for r in batch.rejected] == ["/events/1/id", "/events/2/at"]

    @pytest.mark.parametrize("stamp", ["at", "opened_at"])
    def test_an_opening_is_dated_by_either_stamp(self, stamp: str) -> None:
        opened = {"kind": "socket.opened", "id": "1", stamp: "2026-09-16T01:42:53Z"}
        assert decode(encode(document([opened], boot=None))).rejected == ()

    def test_another_kind_is_dated_by_its_own(self) -> None:
        good = {"kind": "later", "id": "1", "at": "2026-09-16T01:42:53Z"}
        batch = decode(encode(document([good, {**good, "at": None}], boot=None)))
        assert [r.pointer for r in batch.rejected] == ["/events/1/at"]


def accepts_or_refuses(body: bytes) -> None:
    try:
        batch = decode(body)
    except Refused:
        return
    assert [decode_event(item.body) for item in batch.items] == [item.event for item in batch.items]
    assert [item.body for item in batch.items if "\\u0000" in item.body.replace("\\\\", "")] == []


@FAST
@given(st.binary())
def test_any_bytes_are_accepted_or_refused_and_nothing_else(body: bytes) -> None:
    accepts_or_refuses(body)


@settings(max_examples=60, deadline=None)
@given(ANY_JSON)
def test_any_json_is_accepted_or_refused_and_nothing_else(value: object) -> None:
    accepts_or_refuses(encode(value))


@st.composite
def tampered(draw: st.DrawFn) -> object:
    """A good batch in which one value anywhere is another one."""
    sent: Any = json.loads(encode(document(race())))
    at = sent
    while True:
        keys = sorted(at) if isinstance(at, dict) else range(len(at))
        key = draw(st.sampled_from(list(keys)))
        if not (isinstance(at[key], dict | list) and at[key] and draw(st.booleans())):
            at[key] = draw(ANY_JSON)
            return sent
        at = at[key]


@settings(max_examples=100, deadline=None)
@given(tampered())
def test_a_good_batch_with_any_value_in_any_place_is_accepted_or_refused(sent: object) -> None:
    accepts_or_refuses(encode(sent))


@FAST
@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=3))
def test_a_good_batch_with_any_bytes_in_any_place_is_accepted_or_refused(place: int, junk: bytes) -> None:
    body = encode(document(race()))
    cut = place % len(body)
    accepts_or_refuses(body[:cut] + junk + body[cut + len(junk) :])
