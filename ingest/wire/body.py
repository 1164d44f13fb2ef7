"""What a request's headers say of its body, and what they alone condemn."""

import re
from enum import StrEnum

from msgspec import Struct

from ingest.wire.batch import Refused
from ingest.wire.compression import ENCODINGS, IDENTITY

MAX_BODY = 8 * 1024 * 1024  # bytes as received
LENGTH_DIGITS = 20  # of a length; `int` itself refuses to read thousands of them
CHARSETS = {"utf-8", "utf8", "us-ascii"}  # the last is part of the others

_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^";\s]*)')


class Format(StrEnum):
    """How a body is laid out, by the name that is preferred among those of its media type."""

    JSON = "application/json"  # One document.
    NDJSON = "application/x-ndjson"  # A document a line.


MEDIA_TYPES = {
    "application/json": Format.JSON,
    "application/x-ndjson": Format.NDJSON,
    "application/ndjson": Format.NDJSON,
    "application/jsonl": Format.NDJSON,
}


class Form(Struct, frozen=True, kw_only=True):
    """What has to be undone to read a body."""

    format: Format
    encoding: str  # One of `ENCODINGS`.


def check_headers(headers: dict[str, str]) -> Form:
    """Return what the headers say of the body; their names are in lower case.

    Raises `Refused` for what they alone condemn: 415 for type or encoding, 413 for a declared length.
    """
    form = Form(format=_format(headers.get("content-type", "")), encoding=_encoding(headers))
    length = headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit():
        raise Refused(400, "Bad request", "`Content-Length` is not a number.")
    check_size(int(length[:LENGTH_DIGITS]))
    return form


def check_size(received: int) -> None:
    """Refuse a body of more than `MAX_BODY` bytes with 413."""
    if received > MAX_BODY:
        raise Refused(413, "Too large", f"A body may have {MAX_BODY} bytes; split the batch.")


def _format(content_type: str) -> Format:
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type not in MEDIA_TYPES:
        accepted = (("Accept", ", ".join(Format)),)
        detail = f"Send `Content-Type: {Format.JSON}` or `{Format.NDJSON}`."
        raise Refused(415, "Unsupported media type", detail, headers=accepted)
    if not set(_CHARSET.findall(content_type.lower())) <= CHARSETS:
        raise Refused(415, "Unsupported media type", "A body is UTF-8; send no other `charset`.")
    return MEDIA_TYPES[media_type]


def _encoding(headers: dict[str, str]) -> str:
    encoding = headers.get("content-encoding", IDENTITY).strip().lower()
    if encoding not in ENCODINGS:
        accepted = (("Accept-Encoding", ", ".join(ENCODINGS)),)
        detail = "`Content-Encoding` must be gzip or zstd."
        raise Refused(415, "Unsupported encoding", detail, headers=accepted)
    return encoding
