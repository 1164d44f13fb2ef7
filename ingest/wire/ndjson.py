"""Wire format v1 as newline-delimited JSON: a line with the envelope, then a line for each event."""

import re
from collections.abc import Iterator
from itertools import islice

import msgspec
from msgspec import UNSET

from ingest.wire.batch import Batch, Refused
from ingest.wire.envelope import Envelope, cut, invalid, no_json, read
from ingest.wire.event import MAX_EVENTS, gather
from ingest.wire.faults import NUL, mend

_BLANK = re.compile(rb"[ \t\r\n]*")
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")  # of what may be an emoji

Line = tuple[int, memoryview]


def decode(content: bytes) -> Batch:
    """Decode a batch; events that are not valid, and lines that are no JSON, are listed in `rejected`.

    Raises `Refused`: 400 where the first line is no JSON, 413 for too much of anything, 422 for an
    envelope that is not valid or a batch of which no event is.
    """
    if _HALF.search(content):
        content = mend(content)
    lines = _lines(content)
    envelope = _envelope(*next(lines, (1, memoryview(b""))))
    sent = list(islice(lines, MAX_EVENTS + 1))
    if len(sent) > MAX_EVENTS:
        raise Refused(413, "Too large", f"A batch may have {MAX_EVENTS} events; split it.")
    numbers = [number for number, _ in sent]
    return gather(envelope, (line for _, line in sent), suspect=NUL in content, lines=numbers)


def _envelope(number: int, line: memoryview) -> Envelope:
    try:
        parts = cut(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise no_json(f"Line {number}, the envelope,", error) from None
    if parts.events is not UNSET:
        raise invalid("/events", "Each event is a line of its own after this one")
    return read(parts)


def _lines(content: bytes) -> Iterator[Line]:
    """Yield the lines that are not blank, with their numbers from 1."""
    view = memoryview(content)
    number, end = 1, 0
    while True:
        begin = _BLANK.match(content, end).end()  # type: ignore[union-attr] # nothing is a match, too
        number += content.count(b"\n", end, begin)
        if begin == len(content):
            return
        end = content.find(b"\n", begin)
        end = len(content) if end < 0 else end
        yield number, view[begin:end]
