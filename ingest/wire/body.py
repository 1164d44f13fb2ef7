"""A request's headers and raw body to the JSON bytes inside, within limits before and after decompression."""

import zlib

from ingest.wire.batch import Refused

MAX_BODY = 8 * 1024 * 1024  # bytes as received
MAX_DECODED = 32 * 1024 * 1024  # bytes after decompression
LENGTH_DIGITS = 20  # of a length; `int` itself refuses to read thousands of them
MAX_MEMBERS = 100  # of a gzip body; what follows each is copied, and a million empty ones would take hours
GZIP_WINDOW = 16 + zlib.MAX_WBITS  # tells zlib to expect a gzip header


def check_headers(headers: dict[str, str]) -> None:
    """Refuse what the headers alone condemn: 415 for type or encoding, 413 for a declared length."""
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise Refused(415, "Unsupported media type", "Send `Content-Type: application/json`.")
    if headers.get("content-encoding", "identity").strip().lower() not in ("identity", "gzip"):
        accepted = (("Accept-Encoding", "gzip, identity"),)
        raise Refused(415, "Unsupported encoding", "`Content-Encoding` must be gzip.", headers=accepted)
    length = headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit():
        raise Refused(400, "Bad request", "`Content-Length` is not a number.")
    check_size(int(length[:LENGTH_DIGITS]))


def check_size(received: int) -> None:
    """Refuse a body of more than `MAX_BODY` bytes with 413."""
    if received > MAX_BODY:
        raise Refused(413, "Too large", f"A body may have {MAX_BODY} bytes; split the batch.")


def decompress(body: bytes, encoding: str) -> bytes:
    """Return the bytes inside; a body that is not gzip is 400, one that swells past the limit 413."""
    if encoding.strip().lower() != "gzip":
        return body
    parts: list[bytes] = []
    room = MAX_DECODED
    while body:
        if len(parts) == MAX_MEMBERS:
            raise Refused(400, "Bad request", f"A gzip body may have {MAX_MEMBERS} members.")
        part, body = _member(body, room)
        parts.append(part)
        room -= len(part)
    return b"".join(parts)


def _member(body: bytes, room: int) -> tuple[bytes, bytes]:
    """Return one gzip member's content and what follows it; RFC 1952 allows several in a row."""
    decompressor = zlib.decompressobj(GZIP_WINDOW)
    try:
        content = decompressor.decompress(body, room + 1)
    except zlib.error:
        raise Refused(400, "Bad request", "The body is not gzip although the header says so.") from None
    if len(content) > room:
        raise Refused(413, "Too large", f"A body may have {MAX_DECODED} bytes after decompression.")
    if not decompressor.eof:
        raise Refused(400, "Bad request", "The gzip body ends too early.")
    return content, decompressor.unused_data
