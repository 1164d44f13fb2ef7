"""A body as received to a `Batch`, by what its headers say of it."""

from collections.abc import Callable

from ingest.wire import native, ndjson
from ingest.wire.batch import Batch
from ingest.wire.body import Form, Format
from ingest.wire.compression import decompress

DECODERS: dict[Format, Callable[[bytes], Batch]] = {
    Format.JSON: native.decode,
    Format.NDJSON: ndjson.decode,
}


def decode(received: bytes, form: Form) -> tuple[Batch, bytes]:
    """Return a batch, and the bytes that were inside the body. Raises `Refused`."""
    content = decompress(received, form.encoding)
    return DECODERS[form.format](content), content
