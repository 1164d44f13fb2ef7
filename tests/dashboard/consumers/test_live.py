"""The socket of a page: who may watch, what is told, and what happens when the session ends."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import redis
from channels.auth import AuthMiddlewareStack
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import path
from django.utils import timezone

from dashboard.consumers.live import NO_SUCH_PAGE, NOT_ALLOWED, SIGNED_OUT, LiveConsumer
from dashboard.consumers.routing import websocket_urlpatterns
from dashboard.consumers.topics import MARK_INTERVAL
from ingest import live
from ingest.domain.people import Role
from ingest.models import Environment
from ingest.store import people
from tests.dashboard import builder
from tests.engines import Valkey, until
from tests.people import PASSWORD, person, signed_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.integration]

DEADLINE = 20  # s


class Watchful(LiveConsumer):
    """Looks at session, role and group at once again, where a test waits for what it finds."""

    guard_interval = 0.05


application = AuthMiddlewareStack(URLRouter(websocket_urlpatterns))
watchful = AuthMiddlewareStack(URLRouter([path("live/", Watchful.as_asgi())]))


@pytest.fixture(autouse=True)
def _redis(redis_url: str) -> None:
    """Hints travel through the real server."""


@pytest.fixture
def cookie() -> bytes:
    return cookie_of(signed_in())


def cookie_of(client: Client) -> bytes:
    return f"falsestart_session={client.cookies['falsestart_session'].value}".encode()


@asynccontextmanager
async def watching(
    page: str, cookie: bytes = b"", served_by: object = application
) -> AsyncIterator[WebsocketCommunicator]:
    headers = [(b"cookie", cookie)] if cookie else []
    socket = WebsocketCommunicator(served_by, f"/live/?page={page}", headers)
    connected, _ = await socket.connect(timeout=DEADLINE)
    assert connected
    try:
        yield socket
    finally:
        await socket.disconnect(timeout=DEADLINE)


async def closed_with(socket: WebsocketCommunicator) -> int:
    while (message := await socket.receive_output(timeout=DEADLINE))["type"] != "websocket.close":
        pass
    return int(message["code"])


async def frame(socket: WebsocketCommunicator, kind: str) -> dict[str, Any]:
    while (found := await socket.receive_json_from(timeout=DEADLINE))["type"] != kind:
        pass
    return dict(found)


async def test_who_is_signed_out_is_told_so() -> None:
    async with watching("/") as socket:
        assert await closed_with(socket) == SIGNED_OUT


@pytest.mark.parametrize("page", ["/nowhere/", "/boots/none/", "/sign-in/", ""])
async def test_a_page_that_does_not_exist_is_told_so(page: str, cookie: bytes) -> None:
    async with watching(page, cookie) as socket:
        assert await closed_with(socket) == NO_SUCH_PAGE


async def test_a_viewer_gets_the_page_and_then_a_change_by_hint(cookie: bytes) -> None:
    made = await database_sync_to_async(builder.boot)("r2", listening=2.0)
    async with watching(f"/boots/{made.ident}/", cookie) as socket:
        first = await frame(socket, "snapshot")
        await database_sync_to_async(builder.socket)(made, 2.5)
        group = live.boot_group(made.ident)
        await get_channel_layer().group_send(group, {"type": "live.changed", "boot": made.ident})
        change = await frame(socket, "delta")
    assert ("1 false start" in first["regions"]["title"], "1 false start" in change["regions"]["title"]) == (
        False,
        True,
    )


async def test_a_page_that_is_behind_can_ask_for_a_snapshot(cookie: bytes) -> None:
    async with watching("/", cookie) as socket:
        before = await frame(socket, "snapshot")
        await database_sync_to_async(builder.environment)()
        await database_sync_to_async(Environment.objects.update)(mark=7)
        await socket.send_json_to({"type": "snapshot"})
        after = await frame(socket, "snapshot")
    assert (before["mark"], after["mark"]) == (0, 7)


@pytest.mark.parametrize("junk", [" ", "{", "[]", '{"type": 1}', '"snapshot"'])
async def test_junk_from_a_browser_changes_nothing(junk: str, cookie: bytes) -> None:
    async with watching("/", cookie) as socket:
        await frame(socket, "snapshot")
        await socket.send_to(text_data=junk)
        await socket.send_to(bytes_data=b"\xff\x00")
        await socket.send_json_to({"type": "snapshot"})
        assert (await frame(socket, "snapshot"))["title"] == "Fleet"


async def test_a_session_that_ends_ends_its_sockets(cookie: bytes) -> None:
    async with watching("/", cookie, watchful) as socket:
        await frame(socket, "snapshot")
        await database_sync_to_async(Session.objects.all().delete)()
        assert await closed_with(socket) == SIGNED_OUT


# The close code that each is answered with, None for the page itself; for every WebSocket that there is.
CONSUMERS: dict[str, dict[str, int | None]] = {
    "live/": {
        "nobody": SIGNED_OUT,
        "none": NOT_ALLOWED,
        "viewer": None,
        "responder": None,
        "admin": None,
    }
}


def test_every_consumer_has_its_row() -> None:
    assert [str(route.pattern) for route in websocket_urlpatterns] == list(CONSUMERS)


@pytest.mark.parametrize("who", CONSUMERS["live/"])
async def test_a_page_is_followed_by_each_role_as_it_should(who: str) -> None:
    roles: dict[str, Role | None] = {"none": None, **{str(role): role for role in Role}}
    cookie = b""
    if who in roles:
        cookie = cookie_of(await database_sync_to_async(signed_in)(who, roles[who]))
    async with watching("/", cookie) as socket:
        first = await socket.receive_output(timeout=DEADLINE)
    assert first.get("code") == CONSUMERS["live/"][who]


@pytest.mark.parametrize(
    ("takes_away", "code"),
    [
        (lambda user: user.groups.clear(), NOT_ALLOWED),
        (lambda user: people.deactivate(user.pk, by="grace", now=timezone.now()), SIGNED_OUT),
        (lambda user: people.reset_password(user.pk, by="grace", now=timezone.now()), SIGNED_OUT),
    ],
    ids=["role", "account", "password"],
)
async def test_what_an_admin_takes_away_ends_open_sockets(
    cookie: bytes, takes_away: Callable[[User], None], code: int
) -> None:
    await database_sync_to_async(person)("grace", Role.ADMIN, password=PASSWORD)
    async with watching("/", cookie, watchful) as socket:
        await frame(socket, "snapshot")
        await database_sync_to_async(lambda: takes_away(User.objects.get(username="ada")))()
        assert await closed_with(socket) == code


def test_a_socket_outlives_its_right_by_no_more_than_a_mark() -> None:
    assert LiveConsumer.guard_interval <= MARK_INTERVAL


async def test_a_page_that_opens_without_redis_gets_its_hints_once_it_is_back(
    cookie: bytes, valkey: Valkey
) -> None:
    made = await database_sync_to_async(builder.boot)("r2", listening=2.0)
    valkey.kill()
    try:
        async with watching(f"/boots/{made.ident}/", cookie, watchful) as socket:
            first = await frame(socket, "snapshot")
            valkey.start()
            group = live.boot_group(made.ident)
            with redis.Redis.from_url(valkey.url) as client:
                joined = f"falsestart__group__{group}".encode()
                await until(lambda: joined in client.pubsub_channels(), "the page to join its group")
            await database_sync_to_async(builder.socket)(made, 2.5)
            await get_channel_layer().group_send(group, {"type": "live.changed", "boot": made.ident})
            change = await frame(socket, "delta")
    finally:
        valkey.start()
    assert ("1 false start" in first["regions"]["title"], "1 false start" in change["regions"]["title"]) == (
        False,
        True,
    )
