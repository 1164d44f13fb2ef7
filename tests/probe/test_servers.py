"""Every ending on real uvicorn and gunicorn with real clients: what the probe tells, row by row."""

import asyncio
import importlib.util
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from falsestart.servers import closed_by_server
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.probe.collector import Collector
from tests.probe.processes import Server, free_port

APP = "tests.probe.service:app"
WORKER = "uvicorn_worker.UvicornWorker"
KEEPALIVE = ("--ws-ping-interval", "0.2", "--ws-ping-timeout", "0.2")

UVICORN = [
    "uvicorn-websockets",
    "uvicorn-websockets-sansio",
    pytest.param(
        "uvicorn-wsproto",
        marks=pytest.mark.skipif(
            importlib.util.find_spec("wsproto") is None, reason="wsproto is not installed"
        ),
    ),
]
SERVERS = [*UVICORN, "gunicorn", "gunicorn --preload"]

Event = dict[str, Any]


def command(name: str, port: int) -> tuple[str, ...]:
    if name.startswith("uvicorn"):
        return ("uvicorn", APP, "--port", str(port), "--ws", name.removeprefix("uvicorn-"))
    extra = name.split()[1:]
    return ("gunicorn", APP, "--bind", f"127.0.0.1:{port}", "--worker-class", WORKER, *extra)


def serve(name: str, collector: Collector, *arguments: str, **extra: str) -> Server:
    port = free_port()
    target = {"FALSESTART_ENDPOINT": collector.url, "FALSESTART_KEY": "fs_test"}
    return Server(*command(name, port), *arguments, port=port, **target, **extra)


@pytest.fixture(scope="module")
def shared() -> Iterator[Collector]:
    with Collector() as collector:
        yield collector


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest, shared: Collector) -> Iterator[Server]:
    with serve(request.param, shared) as running:
        yield running.wait_until_it_listens()


async def visit(url: str) -> str:
    """Connect, say one thing, leave; what the client saw."""
    try:
        async with connect(url) as client:
            await client.send("hello")
            await client.recv()
            await client.recv()
    except InvalidStatus as refused:
        return f"HTTP {refused.response.status_code}"
    except ConnectionClosed as closed:
        return "no close frame" if closed.rcvd is None else str(closed.rcvd.code)
    raise AssertionError("it stayed open")


def told(collector: Collector, kind: str, socket: str) -> Event:
    """What was told about the end of one socket, without what differs from run to run."""
    (event,) = collector.wait_for(kind, socket=socket)
    varying = {"seq", "kind", "socket", "client", "opened_age", "accepted_age", "ended_age", "path"}
    return {name: value for name, value in event.items() if name not in varying}


_count = iter(range(10_000))


def new_id() -> str:
    return f"t-{next(_count)}"


RAISED = {"origin": "app_error", "reason": "KeyError: 'session'", "exception": "KeyError"}
CLOSED = {"origin": "app_close"}
LEFT = {"origin": "app_error", "reason": "returned without closing"}


REJECTED, ENDED = "socket.rejected", "socket.ended"

# What the application does, what its client sees, and what is told about it.
BY_APPLICATION: dict[str, tuple[str, str, Event]] = {
    "/raise-early?": ("HTTP 500", REJECTED, {**RAISED, "status": 500}),
    "/close-early?": ("HTTP 403", REJECTED, {**CLOSED, "status": 403, "code": 4001}),
    "/deny?": ("HTTP 503", REJECTED, {**CLOSED, "status": 503}),
    "/raise-late?": ("no close frame", ENDED, RAISED),
    "/leave?": ("no close frame", ENDED, LEFT),
    "/close?code=1000&": ("1000", ENDED, {**CLOSED, "code": 1000, "reason": "why"}),
    "/close?code=1001&": ("1001", ENDED, {**CLOSED, "code": 1001, "reason": "why"}),
    "/close?code=1011&": ("1011", ENDED, {**CLOSED, "code": 1011, "reason": "why"}),
    "/close?code=1012&": ("1012", ENDED, {**CLOSED, "code": 1012, "reason": "why"}),
    "/close?code=1013&": ("1013", ENDED, {**CLOSED, "code": 1013, "reason": "why"}),
    "/close?code=4001&": ("4001", ENDED, {**CLOSED, "code": 4001, "reason": "why"}),
}


@pytest.mark.integration
async def test_what_the_application_does_is_told_as_it_was(server: Server, shared: Collector) -> None:
    async def outcome(path: str) -> tuple[str, str, Event]:
        socket, kind = new_id(), BY_APPLICATION[path][1]
        seen = await visit(f"{server.url}{path}falsestart_socket={socket}")
        return seen, kind, await asyncio.to_thread(told, shared, kind, socket)

    outcomes = await asyncio.gather(*(outcome(path) for path in BY_APPLICATION))
    assert dict(zip(BY_APPLICATION, outcomes, strict=True)) == BY_APPLICATION


NO_FRAME = 0

# The code with which the client leaves, and what is told about it.
BY_CLIENT: dict[int, Event] = {
    1000: {"origin": "peer", "code": 1000, "reason": "boom"},
    1011: {"origin": "peer", "code": 1011, "reason": "boom"},
    4321: {"origin": "peer", "code": 4321, "reason": "boom"},
    NO_FRAME: {"origin": "network"},
}


async def leave(client: ClientConnection, code: int) -> None:
    if code == NO_FRAME:
        client.transport.abort()
    else:
        await client.close(code, "boom")


@pytest.mark.integration
@pytest.mark.parametrize("path", ["/echo", "/push"])
async def test_what_the_client_does_is_told_also_where_nobody_reads(
    server: Server, shared: Collector, path: str
) -> None:
    async def end(code: int) -> Event:
        socket = new_id()
        client = await connect(f"{server.url}{path}?falsestart_socket={socket}")
        if path == "/echo":
            # Not to one who never reads: uvicorn then leaves all that follows unread, the close frame too.
            await client.send("hello")
        await client.recv()
        await leave(client, code)
        return await asyncio.to_thread(told, shared, ENDED, socket)

    ends = await asyncio.gather(*(end(code) for code in BY_CLIENT))
    assert dict(zip(BY_CLIENT, ends, strict=True)) == BY_CLIENT


async def never_pong(port: int, path: str) -> None:
    """Open a socket by hand, and leave once the server gave up waiting for an answer to its pings."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [f"GET {path} HTTP/1.1", "Host: x", "Upgrade: websocket", "Connection: Upgrade"]
    lines += ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", ""]
    writer.write("\r\n".join(lines).encode())
    await asyncio.wait_for(reader.readuntil(b"keepalive ping timeout"), 10.0)
    writer.close()
    await writer.wait_closed()


@pytest.mark.integration
@pytest.mark.parametrize("name", UVICORN[:2])
async def test_a_client_that_misses_its_pings_is_a_keepalive_though_uvicorn_says_1006(
    name: str, collector: Collector
) -> None:
    with serve(name, collector, *KEEPALIVE) as server:
        server.wait_until_it_listens()
        await never_pong(server.port, "/echo?falsestart_socket=mute")
        found = await asyncio.to_thread(told, collector, "socket.ended", "mute")
    assert found == {"origin": "keepalive", "code": 1011, "reason": "keepalive ping timeout"}


@pytest.mark.integration
@pytest.mark.parametrize("name", SERVERS)
async def test_sigterm_is_told_to_the_end_before_the_process_is_gone(name: str, collector: Collector) -> None:
    with serve(name, collector) as server:
        server.wait_until_it_listens()
        async with connect(f"{server.url}/echo?falsestart_socket=last") as client:
            await client.send("hello")
            await client.recv()
            code = await asyncio.to_thread(server.terminate)
    assert code == (-15 if name.startswith("uvicorn") else 0)
    assert told(collector, "socket.ended", "last") == {"origin": "server_shutdown", "code": 1012}
    (boot,) = {
        post.batch["boot"]["id"]
        for post in collector.posts
        if "boot.draining" in {event["kind"] for event in post.batch["events"]}
    }
    story = [kind for kind in collector.boots()[boot] if kind.startswith(("boot.", "phase."))]
    # A pre-fork server has its port before its worker begins: there the exposure begins with it.
    phases = ["phase.started", "phase.finished"] * 2
    start = [*phases, "boot.listening"] if name.startswith("uvicorn") else ["boot.listening", *phases]
    assert story == [*start, "boot.draining", "boot.exited"]


@pytest.mark.integration
def test_a_worker_forked_from_a_preloaded_application_names_its_parent(collector: Collector) -> None:
    with serve("gunicorn --preload", collector, "--workers", "2") as server:
        server.wait_until_it_listens()
        collector.wait_for("boot.listening", 2, age=0.0, port=server.port)
    parents = {post.batch["boot"]["id"]: post.batch["boot"]["parent"] for post in collector.posts}
    (master,) = [boot for boot, parent in parents.items() if parent is None]
    assert sorted(parent for parent in parents.values() if parent) == [master, master]


@pytest.mark.integration
@pytest.mark.parametrize("name", ["uvicorn-websockets-sansio", "gunicorn"])
def test_a_startup_that_fails_is_told_before_the_process_is_gone(name: str, collector: Collector) -> None:
    with serve(name, collector, FAIL="1") as server:
        assert server.process.wait(20.0) == 3
    (failed,) = collector.events("boot.failed")
    (exited,) = collector.events("boot.exited")
    assert (failed["error"], exited["by"], exited["age"] >= failed["age"]) == ("no database", "atexit", True)


def receiving(protocol: object) -> Any:
    """A bound method, as uvicorn hands one to the application."""

    class Protocol:
        conn = protocol

        async def receive(self) -> None: ...

    return Protocol().receive


def test_the_servers_own_close_frame_is_found_where_uvicorn_keeps_it() -> None:
    sent = SimpleNamespace(code=1011, reason="keepalive ping timeout")
    found = closed_by_server(receiving(SimpleNamespace(close_sent=sent, close_rcvd=None)))
    assert found == (1011, "keepalive ping timeout")


def test_an_answer_to_the_peers_close_frame_is_not_the_servers_own() -> None:
    frame = SimpleNamespace(code=1000, reason="")
    assert closed_by_server(receiving(SimpleNamespace(close_sent=frame, close_rcvd=frame))) is None


@pytest.mark.parametrize("protocol", [None, object(), SimpleNamespace(close_sent=True)])
def test_a_server_that_keeps_nothing_tells_nothing(protocol: object) -> None:
    assert closed_by_server(receiving(protocol)) is None
