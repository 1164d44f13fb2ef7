"""The receiver as the OpenAPI document describes it: both formats of a batch, and every header."""

from typing import Any

import msgspec
from ninja.openapi.schema import REF_TEMPLATE

from ingest.auth import PREFIX
from ingest.domain.events import KINDS, Age, BootFacts, Instant, KnownEvent, Reporter, Resource, Unknown
from ingest.domain.words import PhaseStatus
from ingest.receive.clients import BEACON, MAX_BODY
from ingest.wire.batch import Answer
from ingest.wire.body import Format
from ingest.wire.compression import ENCODINGS
from ingest.wire.deployment import Deployed
from ingest.wire.event import MAX_EVENTS

Json = dict[str, Any]

PATH = "/api/v1/batches"
ERRORS = (400, 401, 403, 413, 415, 422, 429, 503)

CLIENT_KEYS: Json = {
    "ClientKey": {
        "type": "http",
        "scheme": "bearer",
        "description": f"A key of scope `client`, `{PREFIX}…`, from a page of an origin it is bound to",
    },
    "ClientKeyInAddress": {
        "type": "apiKey",
        "in": "query",
        "name": "key",
        "description": "The same for beacons, which can set no header; any other key is refused here",
    },
}

_DESCRIPTION = f"""\
Stores what is valid before it answers. Sending the same again changes nothing.

With a client key the reporter's role is `client`, there is no `boot`, and a body has at most {MAX_BODY} bytes
and no encoding. A beacon, with the key in its address, may send the JSON as `{BEACON}`. A browser's preflight
(`OPTIONS`) is answered 200 for origins to which a live key is bound, and 403 for others."""

_PARTS = (Reporter, Resource, BootFacts, Instant | None, Age | None, KnownEvent, Unknown, Answer, Deployed)


def shapes() -> tuple[list[Json], Json]:
    """Return the schemas of a batch's parts, of its answer and of a deployment, and what they refer to."""
    pieces, found = msgspec.json.schema_components(_PARTS, ref_template=REF_TEMPLATE.format(model="{name}"))
    found["Unknown"]["properties"]["kind"]["not"] = {"enum": sorted(KINDS)}
    found["PhaseFinished"]["properties"]["status"]["not"] = {"const": PhaseStatus.RUNNING}
    return list(pieces), found


def operation(pieces: list[Json], errors: Json) -> Json:
    """Return the operation, given the schemas of `shapes` and the answers to what is refused."""
    return {
        "operationId": "send_batch",
        "summary": "Report events",
        "description": _DESCRIPTION,
        "tags": ["report"],
        "security": [{name: []} for name in ("WriteKey", *CLIENT_KEYS)],
        "parameters": [
            _header("Content-Encoding", "How the body is compressed", {"type": "string", "enum": ENCODINGS}),
            _header(
                "Idempotency-Key",
                "Repeated with the same body it repeats the answer; may stand in double quotes",
                {"type": "string", "pattern": r'^("?)[!#-\[\]-~]{1,255}\1$'},
            ),
        ],
        "requestBody": {"required": True, "content": _content(pieces)},
        "responses": {
            "202": {
                "description": "Stored; `rejected` lists what was not",
                "content": {"application/json": {"schema": pieces[-1]}},
            },
            **errors,
        },
    }


def _content(pieces: list[Json]) -> Json:
    """Return what may be sent: of a boot or without one, as a document or as lines."""
    kinds = [(_envelope(pieces, booted=booted), _event(pieces, booted=booted)) for booted in (True, False)]
    return {
        Format.JSON: {"schema": {"title": "Batch", "anyOf": [_document(*kind) for kind in kinds]}},
        Format.NDJSON: {
            "schema": {
                "title": "Lines",
                "description": "Each item is a line: the envelope first, then an event each",
                "anyOf": [_lines(*kind) for kind in kinds],
            }
        },
    }


def _envelope(pieces: list[Json], *, booted: bool) -> Json:
    reporter, resource, boot, sent_at, sent_age, *_ = pieces
    alone = {"type": "null", "description": "Left out by a reporter that knows no boot"}
    return {
        "type": "object",
        "required": ["v", "reporter", "resource", *(["boot"] if booted else [])],
        "properties": {
            "v": {"type": "integer", "const": 1},
            "reporter": reporter,
            "resource": resource,
            "boot": boot if booted else alone,
            "sent_at": sent_at,
            "sent_age": sent_age,
        },
    }


def _event(pieces: list[Json], *, booted: bool) -> Json:
    """Return an event with the identity that it needs, with a boot and without."""
    known, unknown = pieces[5:7]
    identity = {"seq": {"type": "integer"}} if booted else {"id": {"type": "string"}}
    return {"required": list(identity), "properties": identity, "anyOf": [known, unknown]}


def _document(envelope: Json, event: Json) -> Json:
    events = {"type": "array", "maxItems": MAX_EVENTS, "items": event}
    return {
        **envelope,
        "required": [*envelope["required"], "events"],
        "properties": {**envelope["properties"], "events": events},
    }


def _lines(envelope: Json, event: Json) -> Json:
    length = {"minItems": 1, "maxItems": 1 + MAX_EVENTS}
    return {"type": "array", **length, "prefixItems": [envelope], "items": event}


def _header(name: str, description: str, schema: Json) -> Json:
    return {"in": "header", "name": name, "required": False, "description": description, "schema": schema}
