"""One batch in every format, and one body in every encoding."""

import gzip
import json
from collections.abc import Callable
from typing import Any

from ingest.wire.body import Format
from ingest.wire.compression import zstd

Document = dict[str, Any]


def as_json(sent: Document) -> bytes:
    """The batch as one document."""
    return json.dumps(sent).encode()


def as_ndjson(sent: Document) -> bytes:
    """The batch as lines: the envelope, then an event each."""
    envelope = {name: value for name, value in sent.items() if name != "events"}
    return b"".join(json.dumps(line).encode() + b"\n" for line in (envelope, *sent["events"]))


WRITERS: dict[Format, Callable[[Document], bytes]] = {Format.JSON: as_json, Format.NDJSON: as_ndjson}


def compress_gzip(content: bytes) -> bytes:
    """The content compressed, always to the same bytes."""
    return gzip.compress(content, 1, mtime=0)


def compress_zstd(content: bytes) -> bytes:
    """The content compressed, with a checksum as gzip has one."""
    return zstd.compress(content, options={zstd.CompressionParameter.checksum_flag: 1})


COMPRESS: dict[str, Callable[[bytes], bytes]] = {"gzip": compress_gzip, "zstd": compress_zstd}
