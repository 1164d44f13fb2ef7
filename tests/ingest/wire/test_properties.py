"""What must hold of every body whatever: a batch or a refusal, and in every format the same one."""

import json
import re
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.wire import native, ndjson
from ingest.wire.batch import Batch, Refused, Rejection
from ingest.wire.body import Form, Format
from ingest.wire.compression import ENCODINGS
from ingest.wire.event import decode_event
from ingest.wire.formats import DECODERS, decode
from tests.ingest.batches import document, race
from tests.ingest.wire.forms import COMPRESS, WRITERS, as_json
from tests.ingest.wire.strategies import ANY_JSON, BY_KIND

FAST = settings(max_examples=50, deadline=None)
MANY = settings(max_examples=100, deadline=None)
REFUSALS = {400, 413, 422}

Json = Any
FORMATS = st.sampled_from(list(Format))
GOOD = {Format.JSON: as_json(document(race())), Format.NDJSON: WRITERS[Format.NDJSON](document(race()))}
# What breaks readers: numbers too large, texts that are none, endless nesting, names that come twice.
PIECES = [
    b"NaN", b"-Infinity", b"1e999", b"-0", b"9" * 400, b"0." + b"1" * 400, b"1E-400", b"01", b"+1", b"0x1",
    b'"\\u0000"', b'"\\ud800"', b'"\\udc00\\ud800"', b'"\xff"', b'"\xed\xa0\x80"', b'"\x00"', b'"\\x"', b'"',
    b"[" * 2_000, b'{"a":' * 2_000, b"[[[]]]", b"{}", b"//", b"/*", b"\xef\xbb\xbf", b"\n", b"\r", b"\x00",
    b'{"kind":"x","kind":"alive"}', b'"seq":1,"seq":2', b",", b",,", b"tru", b"null", b'"' + b"x" * 9_000,
]  # fmt: skip


def outcome(form: Form, received: bytes) -> Batch | Refused:
    """What becomes of a body; anything but a batch or a refusal fails the test."""
    found: Batch | Refused
    try:
        found, _ = decode(received, form)
    except Refused as refused:
        found = refused
    if isinstance(found, Refused):
        assert found.status in REFUSALS
        assert len(msgspec.json.encode(found.document())) < 200_000
    return found


def holds(batch: Batch) -> None:
    """Every event of a batch comes back from its canonical JSON, and none holds what cannot be stored."""
    assert [decode_event(item.body) for item in batch.items] == [item.event for item in batch.items]
    assert [item.body for item in batch.items if "\\u0000" in item.body.replace("\\\\", "")] == []
    places = [item.index for item in batch.items] + [rejection.index for rejection in batch.rejected]
    assert sorted(places) == list(range(len(places)))


def resolves(pointer: str, sent: Json) -> bool:
    """Whether a pointer leads to something in what was sent, or to the place of a field that is missing."""
    *way, last = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]] or [""]
    for step in way:
        sent = sent[int(step)] if isinstance(sent, list) else sent[step]
    return isinstance(sent, dict) or (isinstance(sent, list) and int(last) < len(sent)) or pointer == ""


def unlined(rejection: Rejection) -> tuple[int, str, str]:
    return rejection.index, rejection.pointer, re.sub(r"^Line \d+: ", "", rejection.detail)


class TestAnyBody:
    @FAST
    @given(body=st.binary(), format_=FORMATS, encoding=st.sampled_from(ENCODINGS))
    def test_is_a_batch_or_refused(self, body: bytes, format_: Format, encoding: str) -> None:
        outcome(Form(format=format_, encoding=encoding), body)

    @FAST
    @given(data=st.data(), format_=FORMATS, encoding=st.sampled_from(sorted(COMPRESS)))
    def test_that_was_compressed_and_then_damaged_is_a_batch_or_refused(
        self, data: st.DataObject, format_: Format, encoding: str
    ) -> None:
        body = COMPRESS[encoding](GOOD[format_])
        cut = data.draw(st.integers(0, len(body)))
        damaged = body[:cut] + data.draw(st.binary(max_size=4)) + body[cut + data.draw(st.integers(0, 4)) :]
        found = outcome(Form(format=format_, encoding=encoding), damaged)
        assert isinstance(found, Refused) or damaged != body or len(found.items) == len(race())

    @MANY
    @given(data=st.data(), format_=FORMATS)
    def test_with_anything_in_any_place_is_a_batch_or_refused(
        self, data: st.DataObject, format_: Format
    ) -> None:
        body = GOOD[format_]
        for _ in range(data.draw(st.integers(1, 3))):
            cut = data.draw(st.integers(0, len(body)))
            junk = data.draw(st.sampled_from(PIECES) | st.binary(max_size=3))
            body = body[:cut] + junk + body[cut + data.draw(st.integers(0, 20)) :]
        found = outcome(Form(format=format_, encoding="identity"), body)
        if isinstance(found, Batch):
            holds(found)

    @FAST
    @given(value=ANY_JSON, format_=FORMATS)
    def test_that_is_json_is_a_batch_or_refused(self, value: Json, format_: Format) -> None:
        outcome(Form(format=format_, encoding="identity"), json.dumps(value).encode())


@st.composite
def tampered(draw: st.DrawFn) -> Json:
    """A good batch in which one value anywhere is another one."""
    sent: Json = json.loads(GOOD[Format.JSON])
    at = sent
    while True:
        keys = sorted(at) if isinstance(at, dict) else range(len(at))
        key = draw(st.sampled_from(list(keys)))
        if not (isinstance(at[key], dict | list) and at[key] and draw(st.booleans())):
            at[key] = draw(ANY_JSON)
            return sent
        at = at[key]


def is_json(sent: Json) -> bool:
    """Whether Python would write it as JSON, and not in its own dialect."""
    try:
        json.dumps(sent, allow_nan=False)
    except ValueError:
        return False
    return True


class TestAGoodBatchWithAnyValueInAnyPlace:
    @MANY
    @given(sent=tampered())
    def test_is_accepted_or_refused_and_every_pointer_leads_somewhere(self, sent: Json) -> None:
        found = outcome(Form(format=Format.JSON, encoding="identity"), as_json(sent))

        pointers = (
            [pointer for pointer, _ in found.errors]
            if isinstance(found, Refused)
            else [rejection.pointer for rejection in found.rejected]
        )
        assert [pointer for pointer in pointers if not resolves(pointer, sent)] == []
        if isinstance(found, Batch):
            holds(found)
            assert len(found.items) + len(found.rejected) == len(sent["events"])

    @MANY
    @given(sent=tampered().filter(lambda sent: is_json(sent) and isinstance(sent["events"], list)))
    def test_means_the_same_in_every_format(self, sent: Json) -> None:
        whole, lines = (
            outcome(Form(format=format_, encoding="identity"), WRITERS[format_](sent)) for format_ in Format
        )

        if isinstance(whole, Batch) and isinstance(lines, Batch):
            assert lines.items == whole.items
            assert [unlined(r) for r in lines.rejected] == [unlined(r) for r in whole.rejected]
            nothing: dict[str, Any] = {"items": (), "rejected": ()}
            assert msgspec.structs.replace(lines, **nothing) == msgspec.structs.replace(whole, **nothing)
        else:
            assert isinstance(whole, Refused)
            assert isinstance(lines, Refused)
            assert (lines.status, [p for p, _ in lines.errors]) == (
                whole.status,
                [p for p, _ in whole.errors],
            )


@st.composite
def batches(draw: st.DrawFn) -> Json:
    """A batch of events of any kinds, all of them valid."""
    kinds = draw(st.lists(st.sampled_from(sorted(BY_KIND)), max_size=5))
    events = [draw(BY_KIND[kind]) for kind in kinds]
    return document([{**event, "seq": seq} for seq, event in enumerate(events)])


def written(batch: Batch) -> Json:
    """A batch as a reporter would write what was understood of it."""
    envelope = msgspec.to_builtins(
        {
            "v": 1,
            "reporter": batch.reporter,
            "resource": batch.resource,
            "boot": batch.boot,
            "sent_at": batch.sent_at,
            "sent_age": batch.sent_age,
        }
    )
    resource = {name: value for name, value in envelope["resource"].items() if value is not None}
    return {**envelope, "resource": resource, "events": [json.loads(item.body) for item in batch.items]}


@MANY
@given(sent=batches(), format_=FORMATS, encoding=st.sampled_from(ENCODINGS))
def test_what_was_understood_and_is_written_again_is_understood_as_the_same(
    sent: Json, format_: Format, encoding: str
) -> None:
    batch = native.decode(as_json(sent))
    body = WRITERS[format_](written(batch))
    again, _ = decode(COMPRESS.get(encoding, bytes)(body), Form(format=format_, encoding=encoding))

    assert (batch.rejected, len(batch.items)) == ((), len(sent["events"]))
    assert again == batch


@FAST
@given(
    sent=batches(), junk=st.lists(st.sampled_from(PIECES) | ANY_JSON.map(lambda v: json.dumps(v).encode()))
)
def test_lines_that_are_no_events_cost_nobody_else(sent: Json, junk: list[bytes]) -> None:
    envelope, *events = WRITERS[Format.NDJSON](sent).splitlines()
    bad = [line for piece in junk for line in piece.splitlines() if not line.isspace() and line]
    whole = ndjson.decode(b"\n".join([envelope, *events]))
    batch = outcome(Form(format=Format.NDJSON, encoding="identity"), b"\n".join([envelope, *events, *bad]))

    if isinstance(batch, Refused):
        assert (batch.status, whole.items) == (422, ())
        return
    assert batch.items[: len(events)] == whole.items
    assert len(batch.items) + len(batch.rejected) == len(events) + len(bad)


def test_every_format_is_tried() -> None:
    assert set(GOOD) == set(DECODERS)
