"""What a pipeline tells of a deployment: bytes -> `Deployed`, or `Refused` naming the field."""

from typing import Annotated, NoReturn

import msgspec
from msgspec import Meta, Struct

from ingest.domain.events import Instant
from ingest.wire.batch import Refused
from ingest.wire.faults import BEYOND, beyond, explain

MAX_BODY = 64 * 1024  # bytes

_Storable = Annotated[str, Meta(pattern=r"^[^\x00]*$")]
_Named = Annotated[_Storable, Meta(min_length=1, max_length=200)]
_Text = Annotated[_Storable, Meta(max_length=200)]
# Told with its offset, so the years at either end are left to those who look closer.
_At = Annotated[Instant, Meta(extra_json_schema={"pattern": r"^(197[1-9]|19[89]\d|20\d\d|21[0-8]\d)-"})]
# No user name: what is told here is shown to everybody.
_Url = Annotated[str, Meta(max_length=2000, pattern=r"^https?://[A-Za-z0-9.\-_:\[\]]+([/?#][!-~]*)?$(?!\n)")]


class Deployed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody put a release into an environment."""

    service: _Named
    environment: _Named = "default"
    release: _Named
    at: _At | None = None  # When; None: now.
    by: _Text | None = None  # A person or a pipeline.
    url: _Url | None = None  # Where more is told.


_decoder = msgspec.json.Decoder(Deployed)


def decode(body: bytes) -> Deployed:
    """Decode a deployment. Raises `Refused`: 400 for what is no JSON, 413 and 422 for what is not valid."""
    if len(body) > MAX_BODY:
        raise Refused(413, "Too large", f"A deployment may have {MAX_BODY} bytes.")
    try:
        told = _decoder.decode(body)
    except msgspec.ValidationError as error:
        _refuse(*explain(str(error)))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(400, "Bad request", f"The body is not valid JSON: {error}.") from None
    if beyond(told, ("at",)):
        _refuse("/at", BEYOND)
    return told


def _refuse(pointer: str, detail: str) -> NoReturn:
    summary = f"{pointer or '/'}: {detail}"
    raise Refused(422, "Invalid deployment", summary, errors=((pointer, detail),)) from None
