"""`httpx-ws` through the client reporter, against a real server."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import httpx_ws
import pytest
from falsestart.client import Client

from tests.probe.collector import Collector
from tests.probe.processes import Server, free_port

pytestmark = pytest.mark.integration

Told = Callable[[], list[dict[str, Any]]]


async def visit(client: Client, url: str) -> str:
    """Connect and listen to the end, in asyncio; what happened, in a word."""
    try:
        async with client.aconnect_ws(url) as session:
            try:
                await session.receive_text()
            except httpx_ws.WebSocketDisconnect as closed:
                return str(closed.code)
            except httpx_ws.WebSocketNetworkError:
                return "broken"
    except httpx_ws.WebSocketUpgradeError as refused:
        return str(refused.response.status_code)
    raise AssertionError("it said something")


def visit_blocking(client: Client, url: str) -> str:
    """The same in a thread that blocks."""
    try:
        with client.connect_ws(url) as session:
            try:
                session.receive_text(timeout=20.0)
            except httpx_ws.WebSocketDisconnect as closed:
                return str(closed.code)
            except httpx_ws.WebSocketNetworkError:
                return "broken"
    except httpx_ws.WebSocketUpgradeError as refused:
        return str(refused.response.status_code)
    raise AssertionError("it said something")


ENDINGS = [
    ("/close?code=1013", "1013", {"kind": "socket.ended", "code": 1013, "reason": "why"}),
    ("/raise-late", "broken", {"kind": "socket.ended", "code": 1006}),
    ("/deny", "503", {"kind": "socket.rejected", "status": 503}),
]


@pytest.mark.parametrize(("path", "saw", "expected"), ENDINGS)
async def test_what_the_server_does_is_told_as_the_client_sees_it(
    server: Server, client: Client, ends: Told, path: str, saw: str, expected: dict[str, Any]
) -> None:
    assert await visit(client, server.url + path) == saw
    assert await asyncio.to_thread(ends) == [{**expected, "path": path.partition("?")[0]}]


@pytest.mark.parametrize(("path", "saw", "expected"), ENDINGS)
def test_a_client_that_blocks_is_told_of_alike(
    server: Server, client: Client, ends: Told, path: str, saw: str, expected: dict[str, Any]
) -> None:
    assert visit_blocking(client, server.url + path) == saw
    assert ends() == [{**expected, "path": path.partition("?")[0]}]


BY_CLIENT = {"kind": "socket.ended", "path": "/echo", "origin": "peer"}


async def test_leaving_the_block_is_a_close_by_the_client(server: Server, client: Client, ends: Told) -> None:
    async with client.aconnect_ws(f"{server.url}/echo") as session:
        await session.send_text("hello")
        assert await session.receive_text() == "hello"
    async with client.aconnect_ws(f"{server.url}/echo") as session:
        await session.close(4001, "bored")
    assert await asyncio.to_thread(ends) == [
        {**BY_CLIENT, "code": 1000},
        {**BY_CLIENT, "code": 4001, "reason": "bored"},
    ]


def test_leaving_the_block_is_a_close_by_the_client_that_blocks_too(
    server: Server, client: Client, ends: Told
) -> None:
    with client.connect_ws(f"{server.url}/echo") as session:
        session.send_text("hello")
        assert session.receive_text(timeout=20.0) == "hello"
    assert ends() == [{**BY_CLIENT, "code": 1000}]


async def test_an_error_of_the_callers_own_leaves_as_the_library_lets_it_out(
    server: Server, client: Client, ends: Told
) -> None:
    async def fails(connect: Callable[..., Any]) -> BaseException:
        with pytest.raises(BaseException, match=r".+") as caught:
            async with connect(f"{server.url}/echo"):
                raise KeyError("mine")
        return caught.value

    plain, reported = await fails(httpx_ws.aconnect_ws), await fails(client.aconnect_ws)
    assert (type(reported), str(reported)) == (type(plain), str(plain))
    assert await asyncio.to_thread(ends) == [{**BY_CLIENT, "code": 1000}]


async def test_an_attempt_that_reaches_nobody_says_why(client: Client, ends: Told) -> None:
    with pytest.raises(httpx.ConnectError):
        async with client.aconnect_ws(f"ws://127.0.0.1:{free_port()}/ws"):
            raise AssertionError("it connected")
    (end,) = await asyncio.to_thread(ends)
    assert (end["code"], end["reason"].partition(":")[0]) == (1006, "ConnectError")


@pytest.mark.parametrize(
    ("defaults", "options", "expected"),
    [
        ({}, {}, ["a=1"]),
        ({}, {"params": {"b": "2"}}, ["b=2"]),
        ({"c": "3"}, {}, ["c=3"]),
    ],
)
async def test_the_callers_client_its_base_address_parameters_and_session_class_are_kept(
    server: Server,
    client: Client,
    collector: Collector,
    defaults: dict[str, str],
    options: dict[str, Any],
    expected: list[str],
) -> None:
    class Own(httpx_ws.AsyncWebSocketSession):
        pass

    async with (
        httpx.AsyncClient(base_url=server.url.replace("ws:", "http:"), params=defaults) as http,
        client.aconnect_ws("/echo?a=1", http, session_class=Own, **options) as session,
    ):
        assert type(session) is Own
        assert session.response is not None
        query = session.response.request.url.query.decode()
        await session.send_text("hello")
        await session.receive_text()
    await asyncio.to_thread(client.flush, 10.0)
    (socket,) = {event["socket"] for event in collector.events("socket.")}
    assert sorted(query.split("&")) == [*expected, f"falsestart_socket={socket}"]
