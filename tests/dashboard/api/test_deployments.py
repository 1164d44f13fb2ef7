"""Deployments over HTTP: told by who may write, listed for who may read."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from dashboard.api import shapes
from ingest.models import Deployment, Key
from ingest.store import keys

pytestmark = pytest.mark.django_db

Get = Callable[..., Any]

PATH = "/api/v1/deployments"
TOLD = {
    "service": "chat",
    "environment": "live",
    "release": "r2",
    "at": "2026-09-16T03:42:53.1+02:00",
    "by": "ada",
    "url": "https://ci.example/runs/7",
}


def holder_of(secret: str) -> Client:
    return Client(headers={"authorization": f"Bearer {secret}"})


@pytest.fixture
def pipeline() -> Client:
    """A client that sends a key which may write everything."""
    return holder_of(keys.create("write"))


def tell(client: Client, told: object = TOLD, **headers: Any) -> Any:
    return client.post(PATH, told, content_type="application/json", **headers)


def test_a_deployment_is_stored_and_answered_as_it_is_listed(pipeline: Client, get: Get) -> None:
    response = tell(pipeline)
    document = shapes.Deployment.model_validate_json(response.content, strict=True, extra="forbid")
    assert (response.status_code, document.at) == (201, datetime(2026, 9, 16, 1, 42, 53, 100_000, tzinfo=UTC))
    assert {name: response.json()[name] for name in TOLD if name != "at"} == {
        name: value for name, value in TOLD.items() if name != "at"
    }
    assert get(PATH) == {"items": [response.json()], "next": None}


def test_the_same_again_is_answered_with_what_is_stored(pipeline: Client) -> None:
    first, again = tell(pipeline), tell(pipeline, {**TOLD, "by": "grace", "at": "2026-09-16T01:42:53.1Z"})
    assert (again.status_code, again.json(), Deployment.objects.count()) == (200, first.json(), 1)


def test_without_an_instant_it_is_now_and_in_the_default_environment(pipeline: Client) -> None:
    before = timezone.now()
    document = tell(pipeline, {"service": "chat", "release": "r2"}).json()
    at = parse_datetime(document["at"])
    assert at is not None
    assert (document["environment"], document["by"], document["url"]) == ("default", None, None)
    assert before - timedelta(milliseconds=1) <= at <= timezone.now()


@pytest.mark.parametrize(
    ("told", "status", "pointer"),
    [
        ({**TOLD, "at": "2026-09-16T03:42:53"}, 422, "/at"),
        ({**TOLD, "url": "javascript:alert(1)"}, 422, "/url"),
        ({**TOLD, "release": ""}, 422, "/release"),
        ({**TOLD, "by": "a\0"}, 422, "/by"),
        ({**TOLD, "enviroment": "live"}, 422, "/enviroment"),
        ({"release": "r2"}, 422, "/service"),
    ],
)
def test_bad_input_names_its_field_and_changes_nothing(
    pipeline: Client, told: object, status: int, pointer: str
) -> None:
    response = tell(pipeline, told)
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]
    assert Deployment.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("{", "application/json", 400),
        (" ", "application/json", 400),
        ("service=chat", "application/x-www-form-urlencoded", 415),
        ("{}", "text/plain", 415),
        (" " * 100_000, "application/json", 413),
        (" " * 3_000_000, "application/json", 413),
    ],
)
def test_what_cannot_be_read_is_said_so(pipeline: Client, body: str, kind: str, status: int) -> None:
    response = pipeline.post(PATH, body, content_type=kind)
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")


def test_only_a_key_may_tell() -> None:
    signed_in = Client()
    signed_in.force_login(User.objects.create_superuser("ada"), "django.contrib.auth.backends.ModelBackend")
    answers = [tell(Client()), tell(signed_in), tell(holder_of("fs_unknown"))]
    assert [(answer.status_code, answer["WWW-Authenticate"]) for answer in answers] == [
        (401, "Bearer"),
        (401, "Bearer"),
        (401, 'Bearer error="invalid_token"'),
    ]


@pytest.mark.parametrize(("scope", "origins"), [("read", []), ("client", ["https://chat.example"])])
def test_only_a_key_that_may_write_may_tell(scope: str, origins: list[str]) -> None:
    assert tell(holder_of(keys.create(scope, origins=origins))).status_code == 403


@pytest.mark.parametrize("state", [{"revoked_at": timezone.now()}, {"expires_at": timezone.now()}])
def test_a_key_whose_time_is_over_may_not_tell(pipeline: Client, state: dict[str, datetime]) -> None:
    Key.objects.update(**state)
    assert tell(pipeline).status_code == 401


@pytest.mark.parametrize(
    ("service", "environment", "status"),
    [("chat", "live", 201), ("chat", "", 201), ("", "live", 201), ("shop", "", 403), ("chat", "test", 403)],
)
def test_a_limited_key_tells_of_its_own_alone(service: str, environment: str, status: int) -> None:
    response = tell(holder_of(keys.create("write", service, environment)))
    assert (response.status_code, Deployment.objects.count()) == (status, int(status == 201))


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_what_was_told_cannot_be_changed(pipeline: Client, method: str) -> None:
    response = getattr(pipeline, method)(PATH)
    assert (response.status_code, response["Allow"]) == (405, "GET, POST")


@pytest.fixture
def three(pipeline: Client) -> None:
    """Deployments of two services, told out of order."""
    for service, environment, release, at in (
        ("chat", "live", "r2", "2026-09-16T02:00:00Z"),
        ("shop", "live", "s1", "2026-09-16T03:00:00Z"),
        ("chat", "test", "r1", "2026-09-16T01:00:00Z"),
    ):
        told = {"service": service, "environment": environment, "release": release, "at": at}
        assert tell(pipeline, told).status_code == 201


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("asked", "releases"),
    [
        ({}, ["s1", "r2", "r1"]),
        ({"service": "chat"}, ["r2", "r1"]),
        ({"environment": "live"}, ["s1", "r2"]),
        ({"service": "chat", "environment": "test"}, ["r1"]),
        ({"release": "r2"}, ["r2"]),
        ({"service": "nobody"}, []),
        ({"since": "2026-09-16T02:00:00Z"}, ["s1", "r2"]),
        ({"until": "2026-09-16T02:00:00Z"}, ["r1"]),
    ],
)
def test_a_list_is_newest_first_and_can_be_narrowed(
    get: Get, asked: dict[str, str], releases: list[str]
) -> None:
    assert [item["release"] for item in get(PATH, **asked)["items"]] == releases


@pytest.mark.usefixtures("three")
def test_a_list_goes_on_where_a_page_ended(get: Get) -> None:
    first = get(PATH, limit=2)
    rest = get(PATH, limit=2, next=first["next"])
    assert [[item["release"] for item in page["items"]] for page in (first, rest)] == [["s1", "r2"], ["r1"]]
    assert rest["next"] is None


@pytest.mark.usefixtures("three")
def test_a_limited_key_sees_its_own_deployments_alone() -> None:
    items = holder_of(keys.create("read", "chat", "live")).get(PATH).json()["items"]
    assert [item["release"] for item in items] == ["r2"]


@pytest.mark.parametrize("asked", [{"limit": 0}, {"servce": "chat"}, {"since": "yesterday"}, {"next": "x"}])
def test_a_question_that_makes_no_sense_is_refused(refused: Get, asked: dict[str, Any]) -> None:
    status, document = refused(PATH, **asked)
    assert (status, [error["parameter"] for error in document["errors"]]) == (422, list(asked))
