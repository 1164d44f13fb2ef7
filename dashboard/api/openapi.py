"""The OpenAPI document: the read API as it describes itself, the receiver, and the errors of both."""

from collections.abc import Iterable
from typing import Any

import msgspec
from ninja.openapi.schema import REF_TEMPLATE
from pydantic import TypeAdapter

from dashboard.api.parameters import BootsAsked, DeploymentsAsked, EventsAsked, SocketsAsked
from dashboard.api.problems import MEDIA_TYPE
from dashboard.api.shapes import Problem
from ingest.auth import PREFIX
from ingest.domain.events import KINDS, Age, BootFacts, Instant, KnownEvent, Reporter, Resource, Unknown
from ingest.wire.batch import Answer
from ingest.wire.deployment import Deployed
from ingest.wire.native import MAX_EVENTS

Json = dict[str, Any]

RECEIVER = "/api/v1/batches"
DEPLOYMENTS = "/api/v1/deployments"
ERRORS = {
    400: "Not JSON, or not what its headers say",
    401: "No key and no session, or a key that is unknown, expired or revoked",
    403: "The key may not do this",
    404: "Not there, or not for this key",
    413: "Too large, as received or after decompression",
    415: "Neither JSON nor gzip of it",
    422: "Understood, and not valid; `errors` says where",
    429: "Too fast; try again later",
    503: "Cannot be read or stored now; try again later",
}
ERRORS_OF = {
    "list_boots": (401, 403, 422, 503),
    "read_boot": (401, 403, 404, 503),
    "list_events": (401, 403, 404, 422, 503),
    "list_sockets": (401, 403, 422, 503),
    "list_deployments": (401, 403, 422, 503),
    "record_deployment": (400, 401, 403, 413, 415, 422, 503),
}
ERRORS_OF_BATCHES = (400, 401, 403, 413, 415, 422, 429, 503)

QUERIES = {query.__name__ for query in (BootsAsked, DeploymentsAsked, EventsAsked, SocketsAsked)}

_CHALLENGE: Json = {
    "WWW-Authenticate": {"description": "How to say who you are", "schema": {"type": "string"}}
}
_WAIT: Json = {"Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer", "minimum": 0}}}
_HEADERS = {401: _CHALLENGE, 429: _WAIT, 503: _WAIT}
_WRITE_KEY: Json = {"type": "http", "scheme": "bearer", "description": f"A key of scope `write`, `{PREFIX}…`"}
_PROBLEM: Json = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}


def complete(document: Json) -> Json:
    """Return the read API's document with the receiver, every error and every shape added."""
    pieces, shapes = _receiver_shapes()
    for operation in _operations(document):
        operation["responses"] |= _errors(ERRORS_OF[operation["operationId"]])
        for parameter in operation["parameters"]:
            parameter["schema"] = _without_null(parameter["schema"])
    document["paths"][DEPLOYMENTS]["post"]["requestBody"] = {
        "required": True,
        "content": {"application/json": {"schema": pieces.pop()}},
    }
    document["paths"][RECEIVER] = {"post": _receive(pieces)}
    document["components"]["securitySchemes"]["WriteKey"] = _WRITE_KEY
    problem = TypeAdapter(Problem).json_schema(ref_template=REF_TEMPLATE, mode="serialization")
    # A query is told parameter by parameter, and nothing refers to it as a whole.
    schemas: Json = {n: s for n, s in document["components"]["schemas"].items() if n not in QUERIES}
    schemas |= {**problem.pop("$defs"), "Problem": problem}
    # Vocabularies are known to both sides; the same words in another order are no news.
    schemas |= {name: shape for name, shape in shapes.items() if name not in schemas}
    document["components"]["schemas"] = schemas
    return document


def _operations(document: Json) -> Iterable[Json]:
    return [operation for methods in document["paths"].values() for operation in methods.values()]


def _errors(statuses: Iterable[int]) -> Json:
    return {str(status): _error(status) for status in statuses}


def _error(status: int) -> Json:
    headers = {"headers": _HEADERS[status]} if status in _HEADERS else {}
    return {"description": ERRORS[status], "content": _PROBLEM, **headers}


def _without_null(schema: Json) -> Json:
    """Return what a query parameter may hold: it can be left out, but nobody can send null."""
    options = [option for option in schema.get("anyOf", ()) if option != {"type": "null"}]
    if len(options) != 1:
        return schema
    kept = {name: value for name, value in schema.items() if name not in ("anyOf", "default")}
    return {**options[0], **kept}


def _receiver_shapes() -> tuple[list[Json], Json]:
    """Return the schemas of a batch's parts, of its answer and of a deployment, and what they refer to."""
    of_batch = (Reporter, Resource, BootFacts | None, Instant | None, Age | None, KnownEvent, Unknown, Answer)
    wanted = (*of_batch, Deployed)
    pieces, shapes = msgspec.json.schema_components(wanted, ref_template=REF_TEMPLATE.format(model="{name}"))
    shapes["Unknown"]["properties"]["kind"]["not"] = {"enum": sorted(KINDS)}
    return list(pieces), shapes


def _batch(pieces: list[Json]) -> Json:
    reporter, resource, boot, sent_at, sent_age, known, unknown, _ = pieces
    return {
        "title": "Batch",
        "type": "object",
        "required": ["v", "reporter", "resource", "events"],
        "properties": {
            "v": {"const": 1},
            "reporter": reporter,
            "resource": resource,
            "boot": {**boot, "description": "Left out by a reporter that knows no boot"},
            "sent_at": sent_at,
            "sent_age": sent_age,
            "events": {"type": "array", "maxItems": MAX_EVENTS, "items": {"anyOf": [known, unknown]}},
        },
    }


def _receive(pieces: list[Json]) -> Json:
    return {
        "operationId": "send_batch",
        "summary": "Report events",
        "description": "Stores what is valid before it answers. Sending the same again changes nothing.",
        "tags": ["report"],
        "security": [{"WriteKey": []}],
        "parameters": [
            _header("Content-Encoding", "How the body is compressed", {"enum": ["gzip", "identity"]}),
            _header(
                "Idempotency-Key", "Repeated with the same body it repeats the answer", {"type": "string"}
            ),
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": _batch(pieces)}}},
        "responses": {
            "202": {
                "description": "Stored; `rejected` lists what was not",
                "content": {"application/json": {"schema": pieces[-1]}},
            },
            **_errors(ERRORS_OF_BATCHES),
        },
    }


def _header(name: str, description: str, schema: Json) -> Json:
    return {"in": "header", "name": name, "required": False, "description": description, "schema": schema}
