"""A body as received to the bytes inside, within limits that hold before memory is spent."""

import sys
import zlib
from collections.abc import Callable
from typing import Protocol

from ingest.wire.batch import Refused

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["ENCODINGS", "IDENTITY", "MAX_DECODED", "MAX_MEMBERS", "ZSTD_WINDOW", "decompress", "zstd"]

MAX_DECODED = 32 * 1024 * 1024  # bytes after decompression
MAX_MEMBERS = 100  # of a body; what follows each is copied, and a million empty ones would take hours
GZIP_WINDOW = 16 + zlib.MAX_WBITS  # tells zlib to expect a gzip header
ZSTD_WINDOW = 23  # log2 of bytes: 8 MiB is what RFC 9659 allows, and a frame could ask for 2 GiB
ZSTD_FAULTS = {
    "too much memory": f"A zstd frame may ask for a window of {2**ZSTD_WINDOW} bytes.",
    "Dictionary": "A zstd frame may need no dictionary.",
}  # by a piece of the library's own words


IDENTITY = "identity"


class Decompressor(Protocol):
    """What undoes one member of a gzip body, or one frame of a zstd one."""

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Return at most so many of the bytes inside."""

    @property
    def eof(self) -> bool:
        """Tell whether the end was reached."""

    @property
    def unused_data(self) -> bytes:
        """Return what follows the end."""


def decompress(body: bytes, encoding: str) -> bytes:
    """Return the bytes inside a body of one of `ENCODINGS`.

    Raises `Refused`: 400 for a body that is not what `encoding` says, or not whole; 413 for one that
    swells past the limit.
    """
    start = _DECOMPRESSORS[encoding]
    if start is None:
        return body
    parts: list[bytes] = []
    room = MAX_DECODED
    while body or not parts:
        if len(parts) == MAX_MEMBERS:
            raise _bad(f"A compressed body may have {MAX_MEMBERS} members.")
        part, body = _member(start(), body, room, encoding)
        parts.append(part)
        room -= len(part)
    return b"".join(parts)


def _member(decompressor: Decompressor, body: bytes, room: int, encoding: str) -> tuple[bytes, bytes]:
    """Return what is inside one member, and what follows it; either format allows several in a row."""
    try:
        content = decompressor.decompress(body, room + 1)
    except (zlib.error, zstd.ZstdError) as error:
        plain = f"The body is not {encoding} although the header says so."
        raise _bad(next((s for words, s in ZSTD_FAULTS.items() if words in str(error)), plain)) from None
    if len(content) > room:
        raise Refused(413, "Too large", f"A body may have {MAX_DECODED} bytes after decompression.")
    if not decompressor.eof:
        raise _bad(f"The {encoding} body ends too early.")
    return content, decompressor.unused_data


def _bad(detail: str) -> Refused:
    return Refused(400, "Bad request", detail)


def _gunzip() -> Decompressor:
    return zlib.decompressobj(GZIP_WINDOW)


def _unzstd() -> Decompressor:
    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: ZSTD_WINDOW})


_DECOMPRESSORS: dict[str, Callable[[], Decompressor] | None] = {
    "gzip": _gunzip,
    "zstd": _unzstd,
    IDENTITY: None,
}
ENCODINGS = tuple(_DECOMPRESSORS)
