"""Wire format v1: one JSON document of an envelope and its events."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal, cast

import msgspec
from msgspec import Raw, Struct

from ingest.domain.events import (
    KINDS,
    Age,
    AnyEvent,
    BootFacts,
    Event,
    Instant,
    KnownEvent,
    Reporter,
    Resource,
    SocketEnded,
    SocketOpened,
    SocketRejected,
    Unknown,
    happened,
)
from ingest.wire.batch import Batch, Item, Refused, Rejection

MAX_EVENTS = 10_000  # in one batch
MAX_UNKNOWN = 64 * 1024  # characters of an event whose kind bounds nothing
MAX_DEPTH = 32  # of its objects and lists; every reader afterwards recurses
FIRST, LAST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)  # of allowed stamps
BEYOND = f"A stamp must lie between {FIRST:%Y} and {LAST:%Y}"
STAMPS = ("at", "opened_at", "accepted_at", "ended_at")
NUL = b"\\u0000"  # as JSON must spell it; PostgreSQL cannot store it
UNSTORABLE = "NUL and lone surrogates cannot be stored"

_AT = re.compile(r" - at (?:`key` in )?`\$(?P<path>.*)`$")
_MISSING = re.compile(r"missing required field `(?P<name>[^`]+)`")
_NAMED = re.compile(r"^`(?P<name>\w+)` ")  # how our own checks begin their sentences
# Attribute names hold dots, so they come before the plain step; `[...]` is a value of a dict, key unknown.
_ATTRIBUTES = "|".join(re.escape(name) for name in Resource.__struct_encode_fields__)
_STEP = re.compile(rf"\.(?P<name>{_ATTRIBUTES}|[A-Za-z_][A-Za-z0-9_]*)|\[(?P<index>\d+)\]")


class _Envelope(Struct, frozen=True, kw_only=True):
    v: Literal[1]
    reporter: Reporter
    resource: Resource
    boot: BootFacts | None = None
    sent_at: Instant | None = None
    sent_age: Age | None = None
    events: tuple[Raw, ...]


# A whole pair of surrogates, a lone one, or any other escape: from the left, `\\\\ud800` is no surrogate.
_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|\\(?P<lone>u[dD][89a-fA-F][0-9a-fA-F]{2})"
    rb"|\\.",
    re.DOTALL,
)

_envelope = msgspec.json.Decoder(_Envelope)
_known = msgspec.json.Decoder(KnownEvent)
_unknown = msgspec.json.Decoder(Unknown)
_encode = msgspec.json.Encoder().encode
_encode_sorted = msgspec.json.Encoder(order="deterministic").encode


def decode(body: bytes) -> Batch:
    """Decode a batch; events that are not valid are listed in `rejected`.

    Raises `Refused`: 400 for what is no JSON, 413 for too many events, 422 for an envelope that is not
    valid or a batch of which no event is.
    """
    envelope, suspect = _decode_envelope(body)
    if suspect:
        _refuse_nul_in_envelope(envelope)
    items: list[Item] = []
    rejected: list[Rejection] = []
    for index, raw in enumerate(envelope.events):
        item = _decode_event(index, raw, booted=envelope.boot is not None, suspect=suspect)
        (items if isinstance(item, Item) else rejected).append(item)  # type: ignore[arg-type]
    if rejected and not items:
        errors = tuple((r.pointer, r.detail) for r in rejected)
        raise Refused(422, "No valid event", "No event of the batch is valid.", errors=errors)
    return Batch(
        reporter=envelope.reporter,
        resource=envelope.resource,
        boot=envelope.boot,
        sent_at=envelope.sent_at,
        sent_age=envelope.sent_age,
        items=tuple(items),
        rejected=tuple(rejected),
    )


def decode_event(body: str | bytes) -> AnyEvent:
    """Decode a stored event's canonical JSON."""
    try:
        return cast("AnyEvent", _known.decode(body))
    except msgspec.ValidationError:
        return _unknown.decode(body)


def _decode_envelope(body: bytes) -> tuple[_Envelope, bool]:
    """Return the envelope, and whether anything in the body may hold a NUL."""
    try:
        envelope, suspect = _parse(body)
    except msgspec.ValidationError as error:
        pointer, detail = _explain(str(error))
        raise Refused(
            422, "Invalid batch", f"{pointer or '/'}: {detail}", errors=((pointer, detail),)
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(400, "Bad request", f"The body is not valid JSON: {error}.") from None
    stamp = _beyond(envelope, ("sent_at",)) or (_beyond(envelope.boot, ("started_at",)) and "boot/started_at")
    if stamp:
        raise Refused(422, "Invalid batch", f"/{stamp}: {BEYOND}.", errors=((f"/{stamp}", BEYOND),))
    if len(envelope.events) > MAX_EVENTS:
        raise Refused(413, "Too large", f"A batch may have {MAX_EVENTS} events; split it.")
    return envelope, suspect


def _parse(body: bytes) -> tuple[_Envelope, bool]:
    try:
        return _envelope.decode(body), NUL in body
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        # Browsers write half an emoji as a lone surrogate: JSON by its grammar, but no text. As a NUL it
        # is found again below, and costs its event and not the batch.
        mended = _ESCAPE.sub(lambda escape: NUL if escape["lone"] else escape[0], body)
        if mended == body:
            raise
        return _envelope.decode(mended), True


def _decode_event(index: int, raw: Raw, *, booted: bool, suspect: bool) -> Item | Rejection:
    try:
        event, body = _decode_kind(raw)
    except msgspec.ValidationError as error:
        pointer, detail = _explain(str(error))
        return Rejection(index=index, pointer=f"/events/{index}{pointer}", detail=detail)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Rejection(index=index, pointer=f"/events/{index}", detail=f"Not valid JSON: {error}")
    if (stamp := _beyond(event, STAMPS)) is not None:
        return Rejection(index=index, pointer=f"/events/{index}/{stamp}", detail=BEYOND)
    missing = _missing(event, booted=booted)
    if missing:
        detail = f"Object missing required field `{missing}`"
        return Rejection(index=index, pointer=f"/events/{index}/{missing}", detail=detail)
    if suspect and (path := _nul_in(msgspec.json.decode(body))) is not None:
        return Rejection(index=index, pointer=f"/events/{index}{path}", detail=UNSTORABLE)
    return Item(index, event, body)


def _decode_kind(raw: Raw) -> tuple[AnyEvent, str]:
    try:
        event = _known.decode(raw)
        return event, _encode(event).decode()
    except msgspec.ValidationError:
        unknown = _unknown.decode(raw)
        if unknown.kind in KINDS:
            raise
        return unknown, _whole(raw)


def _whole(raw: Raw) -> str:
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


def _beyond(stamped: object, names: Iterable[str]) -> str | None:
    """Return the stamp that leaves the range in which a database and arithmetic can follow."""
    for name in names:
        stamp = getattr(stamped, name, None)
        if stamp is not None and not FIRST <= stamp <= LAST:
            return name
    return None


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


def _refuse_nul_in_envelope(envelope: _Envelope) -> None:
    heads = {name: getattr(envelope, name) for name in ("reporter", "resource", "boot")}
    pointer = _nul_in(msgspec.to_builtins(heads, str_keys=True))
    if pointer is not None:
        raise Refused(422, "Invalid batch", f"{pointer}: {UNSTORABLE}", errors=((pointer, UNSTORABLE),))


def _nul_in(value: object, path: str = "") -> str | None:
    """Return the JSON pointer of the first string that holds a NUL, or None."""
    match value:
        case str():
            return path if "\0" in value else None
        case dict():
            steps = [(str(name), inner) for name, inner in value.items()]
        case list() | tuple():
            steps = [(str(index), inner) for index, inner in enumerate(value)]
        case _:
            return None
    for name, inner in steps:
        step = f"{path}/{_escape(name)}"
        if "\0" in name:
            return path
        if (found := _nul_in(inner, step)) is not None:
            return found
    return None


def _explain(message: str) -> tuple[str, str]:
    """Turn the decoder's message into a JSON pointer and a sentence."""
    at = _AT.search(message)
    detail = message[: at.start()] if at else message
    steps = [m["name"] or m["index"] for m in _STEP.finditer(at["path"])] if at else []
    named = _MISSING.search(detail) or _NAMED.match(detail)
    if named:
        steps.append(named["name"])
    return "".join(f"/{_escape(step)}" for step in steps), detail


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
