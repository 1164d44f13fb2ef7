"""Wire format v1 as one JSON document: an envelope with its events in `events`."""

import msgspec
from msgspec import Raw, UnsetType

from ingest.wire.batch import Batch, Refused
from ingest.wire.envelope import Parts, cut, invalid, no_json, read
from ingest.wire.event import MAX_EVENTS, gather
from ingest.wire.faults import NUL, explain, mend

MAX_COMMAS = 1_000_000  # in a body: more values than any batch has, and each may take 60 bytes of memory

_events = msgspec.json.Decoder(list[Raw])


def decode(content: bytes) -> Batch:
    """Decode a batch; events that are not valid are listed in `rejected`.

    Raises `Refused`: 400 for what is no JSON, 413 for too much of anything, 422 for an envelope that is
    not valid or a batch of which no event is.
    """
    try:
        content, parts = _cut(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise no_json("The body", error) from None
    envelope = read(parts)
    if len(content) > MAX_COMMAS and content.count(b",") > MAX_COMMAS:
        raise Refused(413, "Too large", f"A body may have {MAX_COMMAS} commas; split the batch.")
    return gather(envelope, _split(parts), suspect=NUL in content)


def _cut(content: bytes) -> tuple[bytes, Parts]:
    try:
        return content, cut(content)
    except msgspec.DecodeError:
        mended = mend(content)
        if mended == content:
            raise
        return mended, cut(mended)


def _split(parts: Parts) -> list[Raw]:
    if isinstance(parts.events, UnsetType):
        raise invalid("/events", "Object missing required field `events`")
    try:
        events = _events.decode(parts.events)
    except msgspec.ValidationError as error:
        raise invalid("/events", explain(str(error))[1]) from None
    if len(events) > MAX_EVENTS:
        raise Refused(413, "Too large", f"A batch may have {MAX_EVENTS} events; split it.")
    return events
