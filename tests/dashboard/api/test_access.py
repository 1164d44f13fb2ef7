"""Who may read what: a person everything, a key what it is for, nobody else anything."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ingest.models import Key
from ingest.store import keys
from tests.dashboard.api import stored
from tests.people import signed_in

pytestmark = pytest.mark.django_db

Get = Callable[..., Any]

PATHS = [
    "/api/v1/boots",
    "/api/v1/boots/a",
    "/api/v1/boots/a/events",
    "/api/v1/sockets",
    "/api/v1/deployments",
]


def holder_of(secret: str) -> Client:
    """Return a client that sends a key."""
    return Client(headers={"authorization": f"Bearer {secret}"})


@pytest.fixture(autouse=True)
def two_services(db: None) -> None:  # noqa: ARG001 - the rows are stored
    """One boot of each of two services, each with a socket and an event."""
    for ident, place in (("a", stored.environment()), ("b", stored.environment("shop", "live"))):
        boot = stored.boot(ident, within=place)
        stored.socket(boot, "k", socket=ident)
        stored.event(boot, 1)


@pytest.mark.parametrize("path", PATHS)
def test_somebody_signed_in_may_read(path: str) -> None:
    assert signed_in().get(path).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_an_account_without_a_role_may_not_read(path: str) -> None:
    response = signed_in("eve", None).get(path)

    assert (response.status_code, response["Content-Type"]) == (403, "application/problem+json")
    assert response.json()["detail"] == "Your account has no role; an admin can give it one."


@pytest.mark.parametrize("path", PATHS)
def test_a_read_key_may_read(path: str) -> None:
    assert holder_of(keys.create("read")).get(path).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_nobody_else_may_read(path: str) -> None:
    response = Client().get(path)

    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")
    assert response["Content-Type"] == "application/problem+json"
    assert (response.json()["status"], response.json()["title"]) == (401, "Unauthorized")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("scope", ["write", "client"])
def test_a_key_that_writes_may_not_read(path: str, scope: str) -> None:
    origins = ["https://a.example"] if scope == "client" else []
    response = holder_of(keys.create(scope, origins=origins)).get(path)

    assert (response.status_code, response["Content-Type"]) == (403, "application/problem+json")
    assert response.json()["detail"] == f"This is a {scope} key; reading takes one of scope `read`."


@pytest.mark.parametrize("path", PATHS)
def test_a_revoked_key_opens_nothing(path: str) -> None:
    secret = keys.create("read")
    Key.objects.update(revoked_at=timezone.now())

    response = holder_of(secret).get(path)

    assert (response.status_code, response["WWW-Authenticate"]) == (401, 'Bearer error="invalid_token"')


def test_an_expired_key_opens_nothing() -> None:
    secret = keys.create("read", expires_at=timezone.now() - timedelta(seconds=1))

    assert holder_of(secret).get("/api/v1/boots").status_code == 401


def test_a_key_that_has_not_expired_yet_opens() -> None:
    secret = keys.create("read", expires_at=timezone.now() + timedelta(hours=1))

    assert holder_of(secret).get("/api/v1/boots").status_code == 200


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer fs_wrong", "Basic eDp5", "fs_x", "Bearer é\0", "Bearer a b"]
)
def test_a_header_without_a_good_key_opens_nothing(header: str) -> None:
    response = Client(headers={"authorization": header}).get("/api/v1/boots")

    assert (response.status_code, response["Content-Type"]) == (401, "application/problem+json")


def test_a_bad_key_is_not_rescued_by_a_session() -> None:
    assert signed_in().get("/api/v1/boots", headers={"authorization": "Bearer fs_x"}).status_code == 401


def test_a_key_in_the_address_opens_nothing() -> None:
    assert Client().get("/api/v1/boots", {"key": keys.create("read")}).status_code == 401


@pytest.mark.parametrize("limits", [("chat", ""), ("", "demo"), ("chat", "demo")])
def test_a_limited_key_sees_its_own_and_nothing_of_others(limits: tuple[str, str]) -> None:
    client = holder_of(keys.create("read", *limits))

    assert [item["id"] for item in client.get("/api/v1/boots").json()["items"]] == ["a"]
    assert [item["boot"] for item in client.get("/api/v1/sockets").json()["items"]] == ["a"]
    assert client.get("/api/v1/boots/a").status_code == 200
    assert client.get("/api/v1/boots/b").status_code == 404
    assert client.get("/api/v1/boots/b/events").status_code == 404


@pytest.mark.parametrize(
    "asked", [{"service": "shop"}, {"environment": "live"}, {"instance": "i1"}, {"release": "r1"}, {}]
)
def test_no_filter_widens_what_a_limited_key_sees(asked: dict[str, str]) -> None:
    client = holder_of(keys.create("read", "chat"))

    for path in ("/api/v1/boots", "/api/v1/sockets"):
        assert {item["service"] for item in client.get(path, asked).json()["items"]} <= {"chat"}


def test_a_key_for_what_does_not_exist_yet_sees_nothing() -> None:
    client = holder_of(keys.create("read", "tomorrow"))

    assert client.get("/api/v1/boots").json() == {"items": [], "next": None}
    assert client.get("/api/v1/sockets", {"release": "r1"}).json() == {"items": [], "next": None}


def test_who_may_not_read_does_not_learn_what_exists() -> None:
    client = holder_of(keys.create("read", "chat"))

    assert client.get("/api/v1/boots/b").json() == client.get("/api/v1/boots/nobody").json()


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("path", [path for path in PATHS if path != "/api/v1/deployments"])
def test_reading_is_all_that_can_be_done(method: str, path: str) -> None:
    assert getattr(holder_of(keys.create("read")), method)(path).status_code == 405
