"""The product does what its OpenAPI document says: schemathesis tries to prove otherwise, over real HTTP."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case, SerializationContext
from schemathesis.checks import CheckFunction, negative_data_rejection, positive_data_acceptance
from schemathesis.core.transport import Response

from dashboard.api.cursor import write_arrival, write_position
from dashboard.queries.events import Arrival
from dashboard.queries.keyset import Position
from ingest.store import keys
from ingest.wire.body import Format
from tests.dashboard.api import stored
from tests.engines import LOOPBACK
from tests.ingest.receive.web import Web, on_test_database
from tests.ingest.wire.forms import COMPRESS

AnyCase = Case[Any]

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore::ResourceWarning")]

EXAMPLES = 8  # for each operation, beside every combination of its parameters
WRITERS = {"send_batch"}  # whose bodies are too large to be tried in every combination
# What is wrong with a request that no schema can say, by the end of its pointer.
UNSAID = ("/boot/id", "/seq", "/id", "/at", "/age", "/to_age", "/sent_at", "/started_at", "_at")
TRIED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def document() -> Any:
    """The document as anybody reads it."""
    return Client(headers={"host": "localhost"}).get("/api/openapi.json").json()


def tried(*, combinations: bool) -> Any:
    """The document as schemathesis reads it, with or without every combination of parameters."""
    config = schemathesis.Config()
    config.projects.default.generation.allow_x00 = False
    config.projects.default.phases.coverage.enabled = combinations
    return schemathesis.openapi.from_dict(document(), config=config)


SIMPLE = tried(combinations=True).exclude(operation_id=list(WRITERS))
LARGE = tried(combinations=False).include(operation_id=list(WRITERS))
CURSORS = {"/api/v1/boots/{id}/events": write_arrival(Arrival(revision=1, key=1))}  # what is a `next` there
CURSOR = write_position(Position(at=stored.START, key=1))  # and what elsewhere


def encoded(context: SerializationContext, content: bytes) -> bytes:
    """What a body becomes when its header tells the truth."""
    headers: dict[str, str] = dict(context.case.headers or {})
    compress = COMPRESS.get(headers.get("Content-Encoding", ""))
    return compress(content) if compress else content


@schemathesis.serializer("application/json")
def as_json(context: SerializationContext, value: Any) -> bytes:
    """Write a document, compressed as its header says."""
    return encoded(context, json.dumps(value, default=str).encode())


@schemathesis.serializer(Format.NDJSON)
def as_ndjson(context: SerializationContext, value: Any) -> bytes:
    """Write each item of a list as a line, compressed as the header says."""
    lines = value if isinstance(value, list) else [value]
    return encoded(context, b"\n".join(json.dumps(line, default=str).encode() for line in lines))


@pytest.fixture(scope="module")
def web(django_db_setup: None, redis_url: str) -> Iterator[Web]:  # noqa: ARG001 - both have to be there
    """A web process that is shared by all operations."""
    with on_test_database() as web:
        yield web


@pytest.fixture
def bearers(transactional_db: None) -> dict[str, str]:  # noqa: ARG001 - rows are stored
    """A header for whoever may read, and one for whoever may write, on a database with something to read."""
    stored.rich_boot()
    return {
        name: f"Bearer {keys.create(name.removesuffix('Key').lower())}" for name in ("ReadKey", "WriteKey")
    }


def bearer(case: AnyCase, bearers: dict[str, str]) -> str:
    """The header of a key with which an operation says that it can be used."""
    raw = case.operation.definition.raw
    (named,) = {name for requirement in raw["security"] for name in requirement} & set(bearers)
    return bearers[named]


def make_known(case: AnyCase) -> None:
    """Put what only the product can know into a good request: a boot that is there, a place in a list."""
    if case.query and "next" in case.query:
        case.query["next"] = CURSORS.get(case.operation.path, CURSOR)
    if case.path_parameters and "id" in case.path_parameters:
        case.path_parameters["id"] = "b-1"


def beyond_schemas(response: Response) -> list[CheckFunction]:
    """The checks that an answer need not pass, since no schema can say why it was given.

    A bad event costs itself and not its batch. And that a window ends after it began, a stamp lies in our
    centuries, a socket has one of three ages, a boot belongs to one service, or a whole number is not written
    as `1.0`, is beyond a schema.
    """
    if response.status_code == 202 and response.json()["rejected"]:
        return [negative_data_rejection]
    wrong = response.json().get("errors", []) if response.status_code == 422 else []
    if wrong and all(is_unsaid(error) for error in wrong):
        return [positive_data_acceptance]
    return []


def is_unsaid(error: dict[str, str]) -> bool:
    """Whether an error is one that no schema can foresee."""
    return error.get("pointer", "").endswith(UNSAID) or error["detail"].endswith("got `float`")


def holds(case: AnyCase, web: Web, bearers: dict[str, str]) -> None:
    """Send a request, and hold the answer against everything that the document says."""
    if case.meta is None or case.meta.generation.mode.is_positive:
        make_known(case)
    address = f"http://{LOOPBACK}:{web.port}"
    response = case.call(address, headers={"Authorization": bearer(case, bearers)})
    case.validate_response(response, excluded_checks=beyond_schemas(response))


@SIMPLE.parametrize()  # type: ignore[untyped-decorator]
@TRIED
def test_a_request_is_answered_as_the_document_says(case: AnyCase, web: Web, bearers: dict[str, str]) -> None:
    holds(case, web, bearers)


@LARGE.parametrize()  # type: ignore[untyped-decorator]
@TRIED
def test_a_batch_is_answered_as_the_document_says(case: AnyCase, web: Web, bearers: dict[str, str]) -> None:
    holds(case, web, bearers)
