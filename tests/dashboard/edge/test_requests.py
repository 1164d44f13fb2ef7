"""Every request and every socket leaves one line, and it holds no secret."""

import logging
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpResponse

from dashboard.edge.requests import RequestLog, note, note_user
from dashboard.logs.lines import context, fields_of

App = Callable[[Any, Any, Any], Awaitable[None]]


@pytest.fixture(autouse=True)
def heard(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "falsestart.request")


def answering(status: int, **noted: object) -> App:
    """An application that answers."""

    async def app(scope: Any, _receive: Any, send: Any) -> None:
        note(scope, **noted)
        await send({"type": "http.response.start", "status": status, "headers": [(b"a", b"b")]})
        await send({"type": "http.response.body", "body": b""})

    return app


async def asked(
    app: App, path: str = "/boots/x/", headers: list[tuple[bytes, bytes]] | None = None, **scope: Any
) -> list[dict[str, Any]]:
    """What a request is answered with."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    given = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": headers or []}
    await RequestLog(app)(
        {**given, "client": ["203.0.113.9", 0], "query_string": b"key=s", **scope}, receive, send
    )
    return sent


def line(record: logging.LogRecord) -> tuple[str, str, dict[str, Any]]:
    """Level, message and fields of a line."""
    fields = {name: value for name, value in fields_of(record).items() if name != "duration_ms"}
    return record.levelname, record.getMessage(), fields


async def test_a_request_leaves_a_line(caplog: pytest.LogCaptureFixture) -> None:
    await asked(answering(200, user="ada"))
    fields = {"method": "GET", "path": "/boots/x/", "status": 200, "peer": "203.0.113.9", "user": "ada"}
    assert [line(record) for record in caplog.records] == [("INFO", "GET /boots/x/ 200", fields)]


@pytest.mark.parametrize(
    ("path", "root", "status", "level"),
    [
        ("/", "", 200, "INFO"),
        ("/nowhere/", "", 404, "INFO"),
        ("/", "", 500, "WARNING"),
        ("/healthz", "", 200, "DEBUG"),
        ("/readyz", "", 503, "WARNING"),
        ("/base/readyz", "/base", 200, "DEBUG"),
        ("/static/1/a.js", "", 304, "DEBUG"),
        ("/static/1/a.js", "", 404, "INFO"),
        ("/api/v1/batches", "", 202, "DEBUG"),
        ("/api/v1/batches", "", 401, "INFO"),
        ("/api/v1/batches", "", 503, "WARNING"),
        ("/api/v1/boots", "", 200, "INFO"),
    ],
)
async def test_what_happens_all_the_time_is_told_where_it_does_not_go_well(
    path: str, root: str, status: int, level: str, caplog: pytest.LogCaptureFixture
) -> None:
    await asked(answering(status), path, root_path=root)
    assert [record.levelname for record in caplog.records] == [level]


async def test_a_path_cannot_begin_a_line_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    await asked(answering(200), "/boots/a\nb\x1b[31m/")
    assert caplog.records[0].getMessage() == "GET /boots/a%0Ab%1B%5B31m/ 200"


async def test_an_accident_leaves_a_line_too(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(*_: Any) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await asked(broken)
    assert [record.getMessage() for record in caplog.records] == ["GET /boots/x/ unanswered"]


async def test_an_id_is_made_answered_and_known_to_every_line_between() -> None:
    during: list[object] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        during.append(context.get()["request_id"])
        await answering(200)(scope, receive, send)

    sent = await asked(app)
    assert sent[0]["headers"] == [(b"a", b"b"), (b"x-request-id", str(during[0]).encode())]
    assert (len(str(during[0])), dict(context.get())) == (16, {})


@pytest.mark.parametrize(
    ("given", "kept"), [(b"4bf92f-35", True), (b"a b", False), (b"", False), (b"x" * 129, False)]
)
async def test_an_id_that_comes_with_the_request_is_kept_where_it_is_one(given: bytes, kept: bool) -> None:
    sent = await asked(answering(200), headers=[(b"x-request-id", given)])
    assert (sent[0]["headers"][-1][1] == given) == kept


async def shown(app: App, *heard: dict[str, Any]) -> None:
    """A socket that hears these messages."""
    waiting = [{"type": "websocket.connect"}, *heard]

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    async def send(_message: Any) -> None:
        pass

    scope = {"type": "websocket", "path": "/live/", "headers": [], "query_string": b"page=/&key=s"}
    await RequestLog(app)(scope, receive, send)


async def page(scope: Any, receive: Any, send: Any) -> None:
    """A live page that stays until its viewer leaves."""
    await receive()
    await send({"type": "websocket.accept"})
    note(scope, user="ada")
    await receive()


async def test_a_socket_leaves_a_line_when_it_opens_and_one_when_it_ends(
    caplog: pytest.LogCaptureFixture,
) -> None:
    await shown(page, {"type": "websocket.disconnect", "code": 1001})
    assert [line(record) for record in caplog.records] == [
        ("INFO", "socket /live/ opened", {"path": "/live/"}),
        ("INFO", "socket /live/ ended", {"path": "/live/", "code": 1001, "closed_by": "peer", "user": "ada"}),
    ]


async def test_a_socket_that_we_close_says_so(caplog: pytest.LogCaptureFixture) -> None:
    async def closing(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": 4401})
        await receive()

    await shown(closing, {"type": "websocket.disconnect", "code": 1006})
    assert line(caplog.records[-1])[2] == {"path": "/live/", "code": 4401, "closed_by": "server"}


async def test_a_handshake_that_is_refused_says_so(caplog: pytest.LogCaptureFixture) -> None:
    async def refusing(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "websocket.close"})

    await shown(refusing)
    assert [record.getMessage() for record in caplog.records] == ["socket /live/ refused"]


@pytest.mark.parametrize(
    ("cached", "noted"),
    [
        ({}, {}),
        ({"_cached_user": SimpleNamespace(is_authenticated=False)}, {}),
        (
            {"_cached_user": SimpleNamespace(is_authenticated=True, get_username=lambda: "ada")},
            {"user": "ada"},
        ),
    ],
)
def test_who_is_signed_in_is_noted_where_somebody_asked(
    cached: dict[str, Any], noted: dict[str, str]
) -> None:
    found: dict[str, object] = {}
    request: Any = SimpleNamespace(scope={"falsestart.noted": found}, **cached)
    note_user(lambda _: HttpResponse())(request)
    assert found == noted


def test_outside_of_a_server_nothing_is_noted() -> None:
    request = SimpleNamespace()
    note(request, user="ada")
    assert vars(request) == {}
