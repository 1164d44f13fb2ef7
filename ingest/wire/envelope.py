"""What every format says of a batch beside its events: who reports, and about whom."""

from typing import Literal

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from ingest.domain.events import Age, BootFacts, Instant, Reporter, Resource
from ingest.wire.batch import Refused
from ingest.wire.faults import BEYOND, NUL, UNSTORABLE, beyond, explain, nul_in

MAX_ENVELOPE = 256 * 1024  # bytes, without the events; a contract of a thousand phases has less
BOM = b"\xef\xbb\xbf"


class Envelope(Struct, frozen=True, kw_only=True):
    """A batch without its events."""

    v: Literal[1]
    reporter: Reporter
    resource: Resource
    boot: BootFacts | None = None
    sent_at: Instant | None = None
    sent_age: Age | None = None


class Parts(Struct, kw_only=True):
    """A document cut at its fields, which costs next to no memory whatever they hold."""

    v: Raw | UnsetType = UNSET
    reporter: Raw | UnsetType = UNSET
    resource: Raw | UnsetType = UNSET
    boot: Raw | UnsetType = UNSET
    sent_at: Raw | UnsetType = UNSET
    sent_age: Raw | UnsetType = UNSET
    events: Raw | UnsetType = UNSET


_parts = msgspec.json.Decoder(Parts)
_envelope = msgspec.json.Decoder(Envelope)


def cut(document: bytes | memoryview) -> Parts:
    """Cut a document at its fields. Raises `Refused` (422) for what is JSON but no object.

    Raises `msgspec.DecodeError` or `RecursionError` for what is no JSON.
    """
    if bytes(document[: len(BOM)]) == BOM:
        message = "it begins with a byte order mark"
        raise msgspec.DecodeError(message)
    try:
        return _parts.decode(document)
    except msgspec.ValidationError as error:
        raise invalid(*explain(str(error))) from None


def no_json(what: str, error: Exception) -> Refused:
    """Return the refusal of what is no JSON."""
    return Refused(400, "Bad request", f"{what} is not valid JSON: {error}.")


def invalid(pointer: str, detail: str) -> Refused:
    """Return the refusal of a batch for one of its fields."""
    return Refused(422, "Invalid batch", f"{pointer or '/'}: {detail}", errors=((pointer, detail),))


def read(parts: Parts) -> Envelope:
    """Return the envelope of a document that was cut, whatever its events.

    Raises `Refused`: 400 for text that is not UTF-8, 413 for too long a one, 422 naming the field.
    """
    content = msgspec.json.encode(msgspec.structs.replace(parts, events=UNSET))
    if len(content) > MAX_ENVELOPE:
        detail = f"What is said beside the events may have {MAX_ENVELOPE} bytes."
        raise Refused(413, "Too large", detail)
    envelope = _read(content)
    if beyond(envelope, ("sent_at",)):
        raise invalid("/sent_at", BEYOND)
    if envelope.boot and beyond(envelope.boot, ("started_at",)):
        raise invalid("/boot/started_at", BEYOND)
    if NUL in content:
        _refuse_nul(envelope)
    return envelope


def _read(content: bytes) -> Envelope:
    try:
        return _envelope.decode(content)
    except msgspec.ValidationError as error:
        raise invalid(*explain(str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise no_json("The body", error) from None


def _refuse_nul(envelope: Envelope) -> None:
    heads = {name: getattr(envelope, name) for name in ("reporter", "resource", "boot")}
    pointer = nul_in(msgspec.to_builtins(heads, str_keys=True))
    if pointer is not None:
        raise invalid(pointer, UNSTORABLE)
