"""Applications of the usual frameworks with the probe as their users install it, on uvicorn."""

from collections.abc import Iterator

import pytest

from tests.probe.collector import Collector
from tests.probe.processes import Server
from tests.probe.servers.cells import Row, cells, ended, expected, rejected
from tests.probe.servers.run import serve
from tests.probe.servers.wire import NO_FRAME, Wire

UVICORN = "uvicorn-websockets-sansio"
APPS = {name: f"tests.probe.frameworks.{name}_service:app" for name in ("starlette", "fastapi", "litestar")}


async def leaves(wire: Wire) -> None:
    wire.say("hello")
    assert await wire.hears() == "hello"
    wire.close(1000)


ROWS = {
    "an exception after accept": Row(
        path="/raise-late",
        seen=NO_FRAME,
        told=ended("app_error", reason="KeyError: 'session'", exception="KeyError"),
        # It catches every exception, and closes in the application's name.
        but={
            "litestar": (
                "4500 Internal Server Error",
                ended("app_close", code=4500, reason="Internal Server Error"),
            )
        },
    ),
    "a close with a code": Row(
        path="/close", seen="1013 later", told=ended("app_close", code=1013, reason="later")
    ),
    "an HTTPException before accept": Row(
        path="/http-exception",
        seen="http 401",
        told=rejected(401, "app_close"),
        but={"litestar": ("http 403", rejected(403, "app_close", code=4500, reason="who are you?"))},
    ),
    "a WebSocketException before accept": Row(
        path="/websocket-exception",
        seen="http 403",
        told=rejected(403, "app_close", code=1008, reason="not you"),
    ),
    "a path without a route": Row(
        path="/nowhere",
        seen="http 403",
        told=rejected(403, "app_close"),
        but={"litestar": ("http 403", rejected(403, "app_close", code=4500, reason="Not Found"))},
    ),
    "a client that leaves": Row(path="/echo", act=leaves, seen="1000", told=ended("peer", code=1000)),
}


@pytest.fixture(params=APPS)
def framework(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(framework: str, collector: Collector) -> Iterator[Server]:
    with serve(UVICORN, collector, app=APPS[framework]) as running:
        yield running.wait_until_it_listens()


@pytest.mark.integration
async def test_what_an_application_does_is_told_as_it_was(
    framework: str, server: Server, collector: Collector
) -> None:
    assert await cells(framework, server, collector, ROWS) == expected(framework, ROWS)
    boot = [event["kind"] for event in collector.events() if event["kind"].startswith(("boot.", "phase."))]
    assert boot == ["phase.started", "phase.finished", "boot.ready", "boot.listening"]


@pytest.mark.integration
@pytest.mark.parametrize("name", APPS)
def test_a_lifespan_that_fails_is_told_with_what_its_traceback_ends_with(
    name: str, collector: Collector
) -> None:
    with serve(UVICORN, collector, app=APPS[name], LIFESPAN="raise") as server:
        assert server.process.wait(30.0) == 3
    told = [(event["kind"], event.get("error")) for event in collector.events("boot.")]
    assert told == [("boot.failed", "OSError: no database"), ("boot.exited", None)]
    (phase,) = collector.events("phase.finished")
    assert (phase["status"], phase["error"]) == ("failed", "OSError: no database")
