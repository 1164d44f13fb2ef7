"""Every operation of the API for every key and every role: one without a row here fails the first test."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ingest import auth
from ingest.domain.people import Role
from ingest.models import Key
from ingest.receive.endpoint import PATH
from ingest.store import keys
from tests.dashboard.api import stored
from tests.ingest.batches import document
from tests.ingest.receive.driver import Desk
from tests.people import signed_in

pytestmark = pytest.mark.django_db(transaction=True)

ORIGIN = "https://app.example.com"
BATCH = document([{"seq": 1, "age": 1.0, "kind": "boot.ready"}], service="chat", environment="demo")
DEPLOYMENT = {"service": "chat", "environment": "demo", "release": "r1", "at": "2026-09-16T12:00:00Z"}

# Who asks: a key with its limits, or a session.
WHO = (
    "nobody", "write", "write elsewhere", "read", "read elsewhere", "client", "expired", "revoked", "unknown",
    "no role", "viewer", "responder", "admin",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Operation:
    """Who is answered what, in the order of `WHO`."""

    statuses: tuple[int, ...]
    path: str


def reads(path: str, elsewhere: int = 200) -> Operation:
    """An operation that reads: a key that is limited to something else finds nothing, or not this."""
    return Operation(
        path=path, statuses=(401, 403, 403, 200, elsewhere, 403, 401, 401, 401, 403, 200, 200, 200)
    )


def writes(path: str, done: int) -> Operation:
    """An operation that writes: for a key that is limited to something else it is forbidden."""
    return Operation(path=path, statuses=(401, done, 403, 403, 403, 403, *(401,) * 7))


OPERATIONS = {
    "get /api/v1/boots": reads("/api/v1/boots"),
    "get /api/v1/boots/{id}": reads("/api/v1/boots/a", 404),
    "get /api/v1/boots/{id}/events": reads("/api/v1/boots/a/events", 404),
    "get /api/v1/sockets": reads("/api/v1/sockets"),
    "get /api/v1/deployments": reads("/api/v1/deployments"),
    # A session writes nothing here: what is reported is a program's word, and answers to its key.
    "post /api/v1/batches": writes(PATH, 202),
    "post /api/v1/deployments": writes("/api/v1/deployments", 201),
}


KEYS: dict[str, Callable[[], str]] = {
    "write": lambda: keys.create("write", "chat", "demo"),
    "write elsewhere": lambda: keys.create("write", "shop"),
    "read": lambda: keys.create("read", "chat", "demo"),
    "read elsewhere": lambda: keys.create("read", "shop"),
    "client": lambda: keys.create("client", origins=[ORIGIN]),
    "expired": lambda: keys.create("write", expires_at=timezone.now() - timedelta(seconds=1)),
    "revoked": lambda: revoked(keys.create("write")),
    "unknown": lambda: "fs_unknown",
}


def revoked(secret: str) -> str:
    """The secret of a key that was just revoked."""
    keys.revoke(Key.objects.get(digest=auth.digest(secret)).pk, timezone.now())
    return secret


def status_of(method: str, path: str, who: str) -> int:
    """What somebody is answered."""
    headers = {"authorization": f"Bearer {KEYS[who]()}"} if who in KEYS else {}
    if path == PATH:
        response = asyncio.run(
            Desk().request(BATCH, authorization=headers.get("authorization"), origin=ORIGIN)
        )
        return response.status
    roles: dict[str, Role | None] = {"no role": None, **{str(role): role for role in Role}}
    client = signed_in(who.replace(" ", "-"), roles[who]) if who in roles else Client()
    sent = {"data": DEPLOYMENT, "content_type": "application/json"} if method == "post" else {}
    return int(getattr(client, method)(path, headers=headers, **sent).status_code)


def described() -> set[str]:
    """Every operation that the OpenAPI document has."""
    paths: dict[str, Any] = Client().get("/api/openapi.json").json()["paths"]
    return {f"{method} {path}" for path, operations in paths.items() for method in operations}


def test_every_operation_has_its_row() -> None:
    assert described() == set(OPERATIONS)


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_answers_each_key_and_role_as_it_should(name: str) -> None:
    stored.socket(boot := stored.boot("a", within=stored.environment()), "k", socket="a")
    stored.event(boot, 1)
    method, operation = name.partition(" ")[0], OPERATIONS[name]
    statuses = {who: status_of(method, operation.path, who) for who in WHO}
    assert statuses == dict(zip(WHO, operation.statuses, strict=True))


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name.startswith("get ")])
def test_a_key_that_is_sent_decides_also_for_an_admin(name: str) -> None:
    client = signed_in("root", Role.ADMIN)
    assert (
        client.get(OPERATIONS[name].path, headers={"authorization": "Bearer fs_unknown"}).status_code == 401
    )
