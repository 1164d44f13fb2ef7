"""One event's JSON to a record, or why not; and all of a batch's events to a `Batch`."""

from collections.abc import Iterable, Sequence
from typing import cast

import msgspec
from msgspec import Raw

from ingest.domain.events import (
    KINDS,
    AnyEvent,
    Event,
    KnownEvent,
    SocketEnded,
    SocketOpened,
    SocketRejected,
    Unknown,
    happened,
)
from ingest.wire.batch import Batch, Item, Refused, Rejection
from ingest.wire.envelope import Envelope
from ingest.wire.faults import BEYOND, UNSTORABLE, beyond, clip, explain, nul_in

MAX_EVENTS = 10_000  # in one batch
MAX_EVENT = 256 * 1024  # bytes of one, as sent; nothing that is stored needs half of it
MAX_UNKNOWN = 64 * 1024  # characters of an event whose kind bounds nothing
MAX_DEPTH = 32  # of its objects and lists; every reader afterwards recurses
MAX_ERRORS = 100  # listed where nothing was stored
STAMPS = {
    record: tuple(name for name in record.__struct_fields__ if name == "at" or name.endswith("_at"))
    for record in (*KnownEvent.__args__, Unknown)
}

Sent = Raw | memoryview
Fault = tuple[str, str]  # JSON pointer below the event, sentence

_known = msgspec.json.Decoder(KnownEvent)
_unknown = msgspec.json.Decoder(Unknown)
_encode = msgspec.json.Encoder().encode
_encode_sorted = msgspec.json.Encoder(order="deterministic").encode


def decode_event(body: str | bytes) -> AnyEvent:
    """Decode a stored event's canonical JSON."""
    try:
        return cast("AnyEvent", _known.decode(body))
    except msgspec.ValidationError:
        return _unknown.decode(body)


def gather(envelope: Envelope, sent: Iterable[Sent], *, suspect: bool, lines: Sequence[int] = ()) -> Batch:
    """Return the batch of an envelope and its events; those that are not valid are listed in `rejected`.

    `suspect` says that a NUL may be among them, `lines` where each stands, for a format made of lines.
    Raises `Refused` (422) where there are events and none is valid.
    """
    items: list[Item] = []
    rejected: list[Rejection] = []
    for index, raw in enumerate(sent):
        found = read(index, raw, booted=envelope.boot is not None, suspect=suspect)
        if isinstance(found, Item):
            items.append(found)
        else:
            rejected.append(_on_line(found, lines[index]) if lines else found)
    if rejected and not items:
        raise _nothing_valid(rejected)
    return Batch(
        reporter=envelope.reporter,
        resource=envelope.resource,
        boot=envelope.boot,
        sent_at=envelope.sent_at,
        sent_age=envelope.sent_age,
        items=tuple(items),
        rejected=tuple(rejected),
    )


def read(index: int, raw: Sent, *, booted: bool, suspect: bool) -> Item | Rejection:
    """Decode one event, of a boot or without one; `index` is its place in the batch."""
    if len(raw) > MAX_EVENT:
        return _rejection(index, "", f"An event may have {MAX_EVENT} bytes")
    try:
        event, body = _decode(raw)
    except msgspec.ValidationError as error:
        return _rejection(index, *explain(str(error)))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _rejection(index, "", clip(f"Not valid JSON: {error}"))
    fault = _fault(event, booted=booted) or (_unstorable(body) if suspect else None)
    return _rejection(index, *fault) if fault else Item(index, event, body)


def _fault(event: AnyEvent, *, booted: bool) -> Fault | None:
    if (stamp := beyond(event, STAMPS[type(event)])) is not None:
        return f"/{stamp}", BEYOND
    if (missing := _missing(event, booted=booted)) is not None:
        return f"/{missing}", f"Object missing required field `{missing}`"
    return None


def _unstorable(body: str) -> Fault | None:
    pointer = nul_in(msgspec.json.decode(body))
    return None if pointer is None else (pointer, UNSTORABLE)


def _rejection(index: int, pointer: str, detail: str) -> Rejection:
    return Rejection(index=index, pointer=f"/events/{index}{pointer}", detail=detail)


def _on_line(rejection: Rejection, line: int) -> Rejection:
    return msgspec.structs.replace(rejection, detail=f"Line {line}: {rejection.detail}")


def _nothing_valid(rejected: Sequence[Rejection]) -> Refused:
    more = f" The first {MAX_ERRORS} of {len(rejected)} are listed." if len(rejected) > MAX_ERRORS else ""
    errors = tuple((r.pointer, r.detail) for r in rejected[:MAX_ERRORS])
    return Refused(422, "No valid event", f"No event of the batch is valid.{more}", errors=errors)


def _decode(raw: Sent) -> tuple[AnyEvent, str]:
    try:
        event = _known.decode(raw)
        return event, _encode(event).decode()
    except msgspec.ValidationError:
        unknown = _unknown.decode(raw)
        if unknown.kind in KINDS:
            raise
        return unknown, _whole(raw)


def _whole(raw: Sent) -> str:
    """Return all of an event from the future: a later version may understand it."""
    value = msgspec.json.decode(raw)
    if _deeper(value, MAX_DEPTH):
        message = f"Nested deeper than {MAX_DEPTH} objects or lists"
        raise msgspec.ValidationError(message)
    body = _encode_sorted(value).decode()
    if len(body) > MAX_UNKNOWN:
        message = f"An event of an unknown kind may have {MAX_UNKNOWN} characters"
        raise msgspec.ValidationError(message)
    return body


def _deeper(value: object, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return inner is not None and (levels == 0 or any(_deeper(one, levels - 1) for one in inner))


def _missing(event: AnyEvent, *, booted: bool) -> str | None:
    """Return the field without which the event has no identity or no time."""
    if booted:
        if event.seq is None:
            return "seq"
        return "age" if isinstance(event, Event) and happened(event) is None else None
    if event.id is None:
        return "id"
    return "at" if _wall(event) is None else None


def _wall(event: AnyEvent) -> object:
    if isinstance(event, SocketOpened):
        return event.at or event.opened_at
    if isinstance(event, SocketEnded | SocketRejected):
        return event.at or event.ended_at or event.opened_at
    return event.at
