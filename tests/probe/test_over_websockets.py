"""`websockets` through the client reporter, against a real server."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from falsestart.client import Client
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus, InvalidURI

from tests.probe.collector import Collector
from tests.probe.processes import Server, free_port

pytestmark = pytest.mark.integration

Told = Callable[[], list[dict[str, Any]]]


async def opened(client: Client, url: str) -> ClientConnection:
    return await client.connect(url)  # type: ignore[no-any-return]


async def visit(client: Client, url: str) -> str:
    """Connect, listen to the end; what happened, in a word."""
    try:
        async with client.connect(url) as connection:
            await connection.recv()
    except InvalidStatus as refused:
        return str(refused.response.status_code)
    except ConnectionClosed as closed:
        return str(closed.rcvd.code if closed.rcvd else 1006)
    raise AssertionError("it said something")


@pytest.mark.parametrize(
    ("path", "saw", "expected"),
    [
        ("/close?code=1013", "1013", {"kind": "socket.ended", "code": 1013, "reason": "why"}),
        ("/raise-late", "1006", {"kind": "socket.ended", "code": 1006}),
        ("/deny", "503", {"kind": "socket.rejected", "status": 503}),
        ("/close-early", "403", {"kind": "socket.rejected", "status": 403}),
    ],
)
async def test_what_the_server_does_is_told_as_the_client_sees_it(
    server: Server, client: Client, ends: Told, path: str, saw: str, expected: dict[str, Any]
) -> None:
    assert await visit(client, server.url + path) == saw
    found = await asyncio.to_thread(ends)
    assert found == [{**expected, "path": path.partition("?")[0]}]


async def test_a_close_by_the_client_is_told_as_that_of_the_peer(
    server: Server, client: Client, ends: Told
) -> None:
    connection = await client.connect(f"{server.url}/echo")
    await connection.send("hello")
    assert await connection.recv() == "hello"
    await connection.close(4001, "bored")
    found = await asyncio.to_thread(ends)
    assert found == [
        {"kind": "socket.ended", "path": "/echo", "code": 4001, "origin": "peer", "reason": "bored"}
    ]


async def test_a_connection_that_breaks_is_told_without_a_frame(
    server: Server, client: Client, ends: Told
) -> None:
    connection = await client.connect(f"{server.url}/echo")
    connection.transport.abort()
    await connection.wait_closed()
    assert await asyncio.to_thread(ends) == [{"kind": "socket.ended", "path": "/echo", "code": 1006}]


async def test_an_attempt_that_reaches_nobody_says_why(client: Client, ends: Told) -> None:
    with pytest.raises(ConnectionRefusedError):
        await client.connect(f"ws://127.0.0.1:{free_port()}/ws")
    (end,) = await asyncio.to_thread(ends)
    assert (end["code"], end["reason"][:22], "accepted_at" in end) == (1006, "ConnectionRefusedError", False)


async def test_an_attempt_that_the_caller_gives_up_is_the_peers_act(client: Client, ends: Told) -> None:
    # A port whose backlog takes the connection, and where nobody ever answers.
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"ws://127.0.0.1:{mute.getsockname()[1]}"
        with pytest.raises(TimeoutError):
            await client.connect(f"{url}/a", open_timeout=0.05)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(opened(client, f"{url}/b"), 0.05)
    found = await asyncio.to_thread(ends)
    assert [(end["path"], end["code"], end.get("origin")) for end in found] == [
        ("/a", 1006, None),
        ("/b", 1006, "peer"),
    ]


async def test_pings_that_are_not_answered_are_a_keepalive(
    server: Server, client: Client, ends: Told
) -> None:
    quick = {"ping_interval": 0.05, "ping_timeout": 0.05, "close_timeout": 0.1}
    connection = await client.connect(f"{server.url}/echo", **quick)
    connection.transport.pause_reading()
    await asyncio.wait_for(connection.wait_closed(), 20.0)
    (end,) = await asyncio.to_thread(ends)
    assert (end["code"], end["origin"], end["reason"]) == (1011, "keepalive", "keepalive ping timeout")


async def test_both_sides_name_the_socket_alike_and_times_are_in_order(
    server: Server, client: Client, collector: Collector
) -> None:
    async with client.connect(f"{server.url}/echo?token=secret") as connection:
        await connection.send("hello")
        await connection.recv()
        assert connection.request.path.startswith("/echo?token=secret&falsestart_socket=")
        sent = connection.request.path.rpartition("=")[2]
    assert await asyncio.to_thread(client.flush, 10.0) is True
    opened, ended = collector.events("socket.")
    assert (opened["socket"], ended["socket"], opened["path"]) == (sent, sent, "/echo")
    assert (opened["opened_at"] == ended["opened_at"] <= ended["accepted_at"] <= ended["ended_at"]) is True
    (batch,) = {(p.batch["reporter"]["role"], "boot" in p.batch) for p in collector.posts}
    assert batch == ("client", False)
    assert collector.posts[0].batch["resource"] == {
        "service.name": "chat",
        "deployment.environment.name": "test",
    }


async def test_each_connection_of_a_loop_that_reconnects_is_an_attempt_of_its_own(
    server: Server, client: Client, collector: Collector
) -> None:
    paths = []
    async for connection in client.connect(f"{server.url}/close?code=1012"):
        paths.append(connection.request.path)
        with pytest.raises(ConnectionClosed):
            await connection.recv()
        if len(paths) == 3:
            break
    await asyncio.to_thread(client.flush, 10.0)
    ids = [event["socket"] for event in collector.events("socket.ended")]
    assert [path.partition("?")[2] for path in paths] == [
        f"code=1012&falsestart_socket={socket}" for socket in ids
    ]
    assert len(set(ids)) == 3


async def test_a_class_of_the_callers_own_is_kept(server: Server, client: Client) -> None:
    class Own(ClientConnection):
        pass

    async with client.connect(f"{server.url}/echo", create_connection=Own) as connection:
        assert type(connection) is Own


async def test_errors_are_the_librarys_own(client: Client) -> None:
    with pytest.raises(InvalidURI):
        await client.connect("mailto:me")
    with pytest.raises(ValueError, match="unsupported compression"):
        client.connect("ws://h", compression="none")


@pytest.fixture
async def redirecting(server: Server) -> AsyncIterator[int]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        place = f"{server.url}/echo"
        writer.write(f"HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as listening:
        yield listening.sockets[0].getsockname()[1]


async def test_a_redirect_is_followed_as_the_library_does(
    redirecting: int, client: Client, ends: Told
) -> None:
    async with client.connect(f"ws://127.0.0.1:{redirecting}/old") as connection:
        await connection.send("hello")
        assert await connection.recv() == "hello"
    found = await asyncio.to_thread(ends)
    assert found == [{"kind": "socket.ended", "path": "/old", "code": 1000, "origin": "peer"}]
