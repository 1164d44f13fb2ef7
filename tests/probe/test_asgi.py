import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from falsestart import Contract, Probe
from falsestart.asgi import FalsestartMiddleware
from falsestart.messages import Message, Receive, Scope, Send

from tests.probe.collector import Collector
from tests.probe.driver import Driver

Told = Callable[..., list[dict[str, Any]]]
MakeProbe = Callable[..., Probe]

STARTUP: Message = {"type": "lifespan.startup"}
SHUTDOWN: Message = {"type": "lifespan.shutdown"}
COMPLETE: Message = {"type": "lifespan.startup.complete"}
OVER: Message = {"type": "lifespan.shutdown.complete"}


async def serves(_scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send(COMPLETE)
    await receive()
    await send(OVER)


async def lifespan(probe: Probe, app: Any = serves) -> Driver:
    driver = Driver(FalsestartMiddleware(app, probe), STARTUP, SHUTDOWN)
    await driver.lifespan()
    return driver


async def test_lifespan_tells_listening_draining_and_the_orderly_end(probe: Probe, told: Told) -> None:
    driver = await lifespan(probe)
    assert driver.sent == [COMPLETE, OVER]
    assert told("boot") == [
        {"kind": "boot.listening"},
        {"kind": "boot.draining"},
        {"kind": "boot.exited", "by": "lifespan"},
    ]


async def test_the_end_of_lifespan_waits_until_the_server_has_everything(
    probe: Probe, collector: Collector
) -> None:
    await lifespan(probe)
    assert collector.events()[-1]["kind"] == "boot.exited"


@pytest.mark.parametrize(
    ("options", "claims"),
    [
        ({}, 1),
        ({"contract": Contract(phases=["services"])}, 0),
        ({"contract": Contract(phases=["services"]), "auto_ready": True}, 1),
        ({"auto_ready": False}, 0),
    ],
)
async def test_ready_is_claimed_by_itself_only_where_no_phase_says_when(
    make_probe: MakeProbe, collector: Collector, options: dict[str, Any], claims: int
) -> None:
    await lifespan(make_probe(**options))
    assert len(collector.events("boot.ready")) == claims


async def test_ready_is_not_claimed_while_a_phase_runs_or_after_one_failed(
    make_probe: MakeProbe, collector: Collector
) -> None:
    running, failing = make_probe(), make_probe()
    with running.phase("warm-up"):
        await lifespan(running)
    with pytest.raises(ValueError, match="no"), failing.phase("database"):
        raise ValueError("no")
    await lifespan(failing)
    assert collector.events("boot.ready") == []


async def test_a_failed_startup_is_told_with_its_message(probe: Probe, told: Told) -> None:
    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    await lifespan(probe, app)
    assert told("boot") == [{"kind": "boot.failed", "error": "no database"}]


async def test_an_exception_in_lifespan_is_a_failed_startup_and_passes_on(probe: Probe, told: Told) -> None:
    error = OSError("no database")

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        await receive()
        raise error

    with pytest.raises(OSError, match="no database") as caught:
        await lifespan(probe, app)
    assert caught.value is error
    assert told("boot") == [{"kind": "boot.failed", "error": "OSError: no database"}]


async def test_an_application_that_does_not_speak_lifespan_did_not_fail(probe: Probe, told: Told) -> None:
    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise ValueError("only http here")

    with pytest.raises(ValueError, match="only http here"):
        await lifespan(probe, app)
    assert told("boot") == []


def answers(status: int, then: BaseException | None = None) -> Any:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        if then is not None:
            raise then

    return app


async def request(probe: Probe, app: Any) -> None:
    await Driver(FalsestartMiddleware(app, probe)).http("/chat", "POST")


async def test_the_first_request_proves_that_the_port_is_open(probe: Probe, told: Told) -> None:
    await request(probe, answers(200))
    await request(probe, answers(404))
    assert told("boot") == [{"kind": "boot.listening"}]
    assert told("request") == []


async def test_a_failed_request_of_a_starting_service_is_told(probe: Probe, told: Told) -> None:
    await request(probe, answers(503))
    assert told("request") == [{"kind": "request.failed", "path": "/chat", "method": "POST", "status": 503}]


async def test_an_exception_in_a_request_passes_on_and_is_a_500(probe: Probe, told: Told) -> None:
    error = KeyError("db")

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise error

    with pytest.raises(KeyError) as caught:
        await request(probe, app)
    assert caught.value is error
    failed = {"kind": "request.failed", "path": "/chat", "method": "POST"}
    assert told("request") == [{**failed, "status": 500, "error": "KeyError: 'db'"}]


async def test_a_client_that_hangs_up_is_no_failed_request(probe: Probe, told: Told) -> None:
    with pytest.raises(asyncio.CancelledError):
        await request(probe, answers(200, then=asyncio.CancelledError()))
    assert told("request") == []


async def test_requests_of_a_settled_service_are_not_watched(probe: Probe, told: Told) -> None:
    await request(probe, answers(200))
    assert probe.life is not None
    probe.life.gate.passed_age = probe.age() - 61.0
    await request(probe, answers(503))
    assert told("request") == []


async def test_what_is_not_its_business_goes_straight_through(probe: Probe) -> None:
    seen: list[tuple[Any, ...]] = []

    async def app(*call: Any) -> None:
        seen.append(call)

    call: tuple[Any, ...] = ({"type": "mcp"}, object(), object())
    await FalsestartMiddleware(app, probe)(*call)
    off: tuple[Any, ...] = ({"type": "websocket"}, object(), object())
    await FalsestartMiddleware(app, Probe("chat"))(*off)
    assert seen == [call, off]
