"""The OpenAPI document: the read API as it describes itself, the receiver, and the errors of both."""

from collections.abc import Iterable
from typing import Any

from ninja.openapi.schema import REF_TEMPLATE
from pydantic import TypeAdapter

from dashboard.api import reporting
from dashboard.api.parameters import BootsAsked, DeploymentsAsked, EventsAsked, SocketsAsked
from dashboard.api.problems import MEDIA_TYPE
from dashboard.api.shapes import Problem
from ingest.auth import PREFIX

Json = dict[str, Any]

DEPLOYMENTS = "/api/v1/deployments"
ERRORS = {
    400: "Not JSON, or not what its headers say",
    401: "No key and no session, or a key that is unknown, expired or revoked",
    403: "The key may not do this",
    404: "Not there, or not for this key",
    413: "Too large, as received or after decompression",
    415: "A media type or an encoding that is not taken",
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

QUERIES = {query.__name__ for query in (BootsAsked, DeploymentsAsked, EventsAsked, SocketsAsked)}

_CHALLENGE: Json = {
    "WWW-Authenticate": {"description": "How to say who you are", "schema": {"type": "string"}}
}
_WAIT: Json = {"Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer", "minimum": 0}}}
_ACCEPTED: Json = {
    name: {"description": "What is taken", "required": False, "schema": {"type": "string"}}
    for name in ("Accept", "Accept-Encoding")
}
_HEADERS = {401: _CHALLENGE, 415: _ACCEPTED, 429: _WAIT, 503: _WAIT}
_WRITE_KEY: Json = {"type": "http", "scheme": "bearer", "description": f"A key of scope `write`, `{PREFIX}…`"}
_PROBLEM: Json = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}


def complete(document: Json) -> Json:
    """Return the read API's document with the receiver, every error and every shape added."""
    pieces, shapes = reporting.shapes()
    for operation in _operations(document):
        operation["responses"] |= _errors(ERRORS_OF[operation["operationId"]])
        for parameter in operation["parameters"]:
            parameter["schema"] = _without_null(parameter["schema"])
    document["paths"][DEPLOYMENTS]["post"]["requestBody"] = {
        "required": True,
        "content": {"application/json": {"schema": pieces.pop()}},
    }
    receiver = reporting.operation(pieces, _errors(reporting.ERRORS))
    document["paths"][reporting.PATH] = {"post": receiver}
    document["components"]["securitySchemes"] |= {"WriteKey": _WRITE_KEY, **reporting.CLIENT_KEYS}
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
