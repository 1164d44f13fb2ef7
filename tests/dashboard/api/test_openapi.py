"""The OpenAPI document: whole, valid in itself, and true of what is sent and answered."""

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from dashboard.api import shapes
from ingest.domain import words
from ingest.domain.events import KINDS, BootFacts, KnownEvent, Reporter, Resource, Unknown
from ingest.receive.endpoint import IDEMPOTENCY_KEY
from ingest.wire.batch import Answer, Rejection
from ingest.wire.body import Format
from ingest.wire.compression import ENCODINGS
from ingest.wire.deployment import Deployed

REF = "#/components/schemas/"
RECORDS = [*KnownEvent.__args__, Unknown, Reporter, Resource, BootFacts, Answer, Rejection, Deployed]
OPERATIONS = {
    ("get", "/api/v1/boots"): {"200", "401", "403", "422", "503"},
    ("get", "/api/v1/boots/{id}"): {"200", "401", "403", "404", "503"},
    ("get", "/api/v1/boots/{id}/events"): {"200", "401", "403", "404", "422", "503"},
    ("get", "/api/v1/sockets"): {"200", "401", "403", "422", "503"},
    ("get", "/api/v1/deployments"): {"200", "401", "403", "422", "503"},
    ("post", "/api/v1/deployments"): {"200", "201", "400", "401", "403", "413", "415", "422", "503"},
    ("post", "/api/v1/batches"): {"202", "400", "401", "403", "413", "415", "422", "429", "503"},
}


@pytest.fixture(scope="module")
def document() -> Any:
    """The document as anybody reads it."""
    response = Client().get("/api/openapi.json")
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    return response.json()


def operations(document: Any) -> dict[tuple[str, str], Any]:
    """Return the operations by method and path."""
    return {
        (method, path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def sent(document: Any, media_type: str) -> list[Any]:
    """Return what a batch of that type may be: of a boot, and without one."""
    content = operations(document)["post", "/api/v1/batches"]["requestBody"]["content"]
    kinds = copy.deepcopy(content[media_type]["schema"]["anyOf"])
    assert len(kinds) == 2
    return list(kinds)


def walk(value: Any) -> Iterator[Any]:
    """Yield every object within a document."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from walk(inner)


def test_it_lists_every_operation_and_every_answer(document: Any) -> None:
    assert {key: set(found["responses"]) for key, found in operations(document).items()} == OPERATIONS
    assert document["openapi"] == "3.1.0"


def test_every_reference_leads_somewhere(document: Any) -> None:
    referred = {found["$ref"] for found in walk(document) if isinstance(found.get("$ref"), str)}

    assert {ref.removeprefix(REF) for ref in referred} <= set(document["components"]["schemas"])
    assert {ref for ref in referred if not ref.startswith(REF)} == set()


def test_every_shape_is_referred_to(document: Any) -> None:
    referred = {found["$ref"].removeprefix(REF) for found in walk(document) if "$ref" in found}

    assert set(document["components"]["schemas"]) == referred


def test_every_answer_has_a_shape(document: Any) -> None:
    for operation in operations(document).values():
        for status, answer in operation["responses"].items():
            media_type = "application/json" if status.startswith("2") else "application/problem+json"
            assert set(answer["content"]) == {media_type}
            assert answer["content"][media_type]["schema"] != {}
            assert answer["description"] != ""


def test_every_error_is_a_problem(document: Any) -> None:
    problem = {"application/problem+json": {"schema": {"$ref": f"{REF}Problem"}}}
    for operation in operations(document).values():
        errors = {s: answer for s, answer in operation["responses"].items() if not s.startswith("2")}
        assert [answer["content"] for answer in errors.values()] == [problem] * len(errors)


def test_who_must_wait_is_told_how_long_and_who_must_sign_in_is_told_how(document: Any) -> None:
    for operation in operations(document).values():
        headers = {s: set(answer.get("headers", ())) for s, answer in operation["responses"].items()}
        assert headers["401"] == {"WWW-Authenticate"}
        assert headers["503"] == headers.get("429", {"Retry-After"}) == {"Retry-After"}


def test_every_operation_says_who_may_use_it(document: Any) -> None:
    schemes = document["components"]["securitySchemes"]
    batches = ["WriteKey", "ClientKey", "ClientKeyInAddress"]
    named = {
        key: [name for requirement in operation["security"] for name in requirement]
        for key, operation in operations(document).items()
    }
    assert named.pop(("post", "/api/v1/batches")) == batches
    assert named == {(m, p): ["WriteKey"] if m == "post" else ["ReadKey", "Session"] for m, p in named}
    assert {name: scheme["type"] for name, scheme in schemes.items()} == {
        "ClientKey": "http",
        "ClientKeyInAddress": "apiKey",
        "ReadKey": "http",
        "Session": "apiKey",
        "WriteKey": "http",
    }


def test_every_operation_has_a_name_of_its_own(document: Any) -> None:
    names = [operation["operationId"] for operation in operations(document).values()]

    assert sorted(names) == [
        "list_boots",
        "list_deployments",
        "list_events",
        "list_sockets",
        "read_boot",
        "record_deployment",
        "send_batch",
    ]


def test_every_variable_of_a_path_is_a_required_parameter(document: Any) -> None:
    for (_, path), operation in operations(document).items():
        named = [p["name"] for p in operation["parameters"] if p["in"] == "path" and p["required"]]
        assert named == (["id"] if "{id}" in path else [])


def test_no_query_parameter_can_be_null(document: Any) -> None:
    asked = [p for op in operations(document).values() for p in op["parameters"] if p["in"] == "query"]

    assert len(asked) == 11 + 10 + 2 + 7
    assert [p["name"] for p in asked if {"type": "null"} in p["schema"].get("anyOf", [])] == []
    assert [p["name"] for p in asked if p["required"]] == []


def test_a_batch_may_hold_every_kind_of_event_and_kinds_yet_unknown(document: Any) -> None:
    events = [batch["properties"]["events"]["items"] for batch in sent(document, "application/json")]
    assert [event["anyOf"] for event in events] == [events[0]["anyOf"]] * 2
    known, unknown = events[0]["anyOf"]

    assert set(known["discriminator"]["mapping"]) == KINDS
    kinds = [
        document["components"]["schemas"][option["$ref"].removeprefix(REF)]["properties"]["kind"]["enum"]
        for option in known["anyOf"]
    ]
    assert {kind for [kind] in kinds} == KINDS
    named = document["components"]["schemas"][unknown["$ref"].removeprefix(REF)]["properties"]["kind"]
    assert set(named["not"]["enum"]) == KINDS


def test_a_batch_is_the_same_in_lines_as_in_one_document(document: Any) -> None:
    for whole, lines in zip(*(sent(document, media_type) for media_type in Format), strict=True):
        (envelope,) = lines["prefixItems"]
        assert lines["items"] == whole["properties"].pop("events")["items"]
        assert envelope["properties"] == whole["properties"]
        assert [*envelope["required"], "events"] == whole["required"]


def test_an_event_is_known_by_its_number_with_a_boot_and_by_its_id_without(document: Any) -> None:
    with_boot, without = sent(document, "application/json")
    assert "boot" in with_boot["required"]
    assert with_boot["properties"]["events"]["items"]["required"] == ["seq"]
    assert without["properties"]["boot"]["type"] == "null"
    assert without["properties"]["events"]["items"]["required"] == ["id"]


def test_every_format_and_encoding_is_told(document: Any) -> None:
    operation = operations(document)["post", "/api/v1/batches"]
    (encoding,) = (p for p in operation["parameters"] if p["name"] == "Content-Encoding")

    assert list(operation["requestBody"]["content"]) == list(Format)
    assert encoding["schema"]["enum"] == list(ENCODINGS)
    assert set(operation["responses"]["415"]["headers"]) == {"Accept", "Accept-Encoding"}


@pytest.mark.parametrize("key", ["a", '"a"', "x" * 255, '"', "a b", "", "x" * 256, '"a', "a\\", "\u00e9"])
def test_an_idempotency_key_is_what_the_receiver_takes_for_one(document: Any, key: str) -> None:
    operation = operations(document)["post", "/api/v1/batches"]
    (told,) = (p for p in operation["parameters"] if p["name"] == "Idempotency-Key")

    assert bool(re.search(told["schema"]["pattern"], key)) == bool(IDEMPOTENCY_KEY.fullmatch(key))


@pytest.mark.parametrize("record", RECORDS)
def test_no_shape_of_the_read_api_hides_one_of_the_receiver(document: Any, record: Any) -> None:
    told = document["components"]["schemas"][record.__name__]["properties"]

    assert set(told) - {"kind"} == set(record.__struct_encode_fields__) - {"kind"}


@pytest.mark.parametrize(
    "vocabulary", [words.Origin, words.Role, words.PhaseKind, words.PhaseStatus, words.Cause, words.BootState]
)
def test_a_vocabulary_is_listed_whole(document: Any, vocabulary: Any) -> None:
    assert set(document["components"]["schemas"][vocabulary.__name__]["enum"]) == set(vocabulary)


def test_a_problem_document_has_the_shape_that_it_is_said_to_have() -> None:
    answers = [Client().get("/api/v1/boots"), Client().get("/api/v1/nothing")]

    problems = [shapes.Problem.model_validate_json(a.content, strict=True, extra="forbid") for a in answers]

    assert [problem.status for problem in problems] == [401, 404]


def test_the_guide_names_every_address_parameter_and_error(document: Any) -> None:
    guide = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
    parameters = {
        p["name"] for op in operations(document).values() for p in op["parameters"] if p["in"] == "query"
    }
    statuses = {s for op in operations(document).values() for s in op["responses"] if s[0] in "45"}

    assert [path for path in document["paths"] if path not in guide] == []
    assert [name for name in sorted(parameters) if f"`{name}`" not in guide] == []
    assert [status for status in sorted(statuses) if f"\n| {status} |" not in guide] == []
