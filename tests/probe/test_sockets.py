import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from falsestart import Contract, Probe
from falsestart.asgi import FalsestartMiddleware
from falsestart.messages import App, Message, Receive, Scope, Send

from tests.probe.collector import Collector
from tests.probe.driver import ACCEPT, CONNECT, Driver, HypercornDriver, UvicornDriver, gone

Told = Callable[..., list[dict[str, Any]]]
MakeProbe = Callable[..., Probe]


def sends(*messages: Message, then: BaseException | None = None) -> App:
    """An application that sends these messages and returns, or raises."""

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        for message in messages:
            await send(message)
        if then is not None:
            raise then

    return app


async def reads_until_gone(_scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send(ACCEPT)
    while (await receive())["type"] != "websocket.disconnect":
        pass


async def run(probe: Probe, app: App, *incoming: Message, **options: Any) -> Driver:
    driver = Driver(FalsestartMiddleware(app, probe), CONNECT, *incoming, **options)
    await driver.websocket(query=b"falsestart_socket=s-1")
    return driver


def ended(**fields: Any) -> dict[str, Any]:
    return {"kind": "socket.ended", "socket": "s-1", "path": "/ws", **fields}


def rejected(**fields: Any) -> dict[str, Any]:
    return {"kind": "socket.rejected", "socket": "s-1", "path": "/ws", **fields}


async def test_an_opening_is_told_at_once_with_the_clients_own_id(probe: Probe, told: Told) -> None:
    seen: list[dict[str, Any]] = []

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        seen.extend(await asyncio.to_thread(told, "socket"))
        await send({"type": "websocket.close"})

    await run(probe, app)
    assert seen == [{"kind": "socket.opened", "socket": "s-1", "path": "/ws"}]


@pytest.mark.parametrize("code", [1000, 1001, 1011, 1012, 1013, 4001])
async def test_the_code_that_the_application_sent_is_kept_though_the_server_says_1005(
    probe: Probe, told: Told, code: int
) -> None:
    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        await send({"type": "websocket.close", "code": code, "reason": "why"})
        await receive()

    await run(probe, app, gone(1005))
    assert told("socket.ended") == [ended(code=code, reason="why", origin="app_close")]


@pytest.mark.parametrize(
    ("message", "end"),
    [
        (gone(1000, ""), {"origin": "peer", "code": 1000}),
        (gone(1011, "boom"), {"origin": "peer", "code": 1011, "reason": "boom"}),
        (gone(1006, ""), {"origin": "network"}),
        (
            gone(1011, "keepalive ping timeout"),
            {"origin": "keepalive", "code": 1011, "reason": "keepalive ping timeout"},
        ),
    ],
)
async def test_a_peer_that_leaves_first_ended_it(
    probe: Probe, told: Told, message: Message, end: dict[str, Any]
) -> None:
    await run(probe, reads_until_gone, message)
    assert told("socket.ended") == [ended(**end)]


async def test_a_server_that_stops_ends_its_sockets_and_drains(probe: Probe, told: Told) -> None:
    await run(probe, reads_until_gone, gone(1012))
    assert told("socket.ended") == [ended(origin="server_shutdown", code=1012)]
    assert told("boot.draining") == [{"kind": "boot.draining"}]


async def test_an_exception_after_accept_passes_through_unchanged(probe: Probe, told: Told) -> None:
    error = KeyError("session")
    with pytest.raises(KeyError) as caught:
        await run(probe, sends(ACCEPT, then=error))
    assert caught.value is error
    blame = {"origin": "app_error", "reason": "KeyError: 'session'", "exception": "KeyError"}
    assert told("socket.ended") == [ended(**blame)]


async def test_an_exception_before_accept_is_a_rejection_with_500(probe: Probe, told: Told) -> None:
    with pytest.raises(KeyError):
        await run(probe, sends(then=KeyError("session")))
    blame = {"origin": "app_error", "reason": "KeyError: 'session'", "exception": "KeyError"}
    assert told("socket.rejected") == [rejected(status=500, **blame)]


async def test_a_close_before_accept_is_a_rejection_with_403(probe: Probe, told: Told) -> None:
    await run(probe, sends({"type": "websocket.close", "code": 1008}))
    assert told("socket.rejected") == [rejected(status=403, code=1008, origin="app_close")]


async def test_a_denial_is_a_rejection_with_its_own_status(probe: Probe, told: Told) -> None:
    driver = await run(
        probe,
        sends(
            {"type": "websocket.http.response.start", "status": 503},
            {"type": "websocket.http.response.body", "body": b""},
        ),
    )
    assert told("socket.rejected") == [rejected(status=503, origin="app_close")]
    assert [message["type"][-5:] for message in driver.sent] == ["start", ".body"]


async def test_returning_without_an_answer_or_a_close_is_an_error(probe: Probe, told: Told) -> None:
    await run(probe, sends())
    await run(probe, sends(ACCEPT))
    assert told("socket.rejected") == [
        rejected(status=500, origin="app_error", reason="returned before accept")
    ]
    assert told("socket.ended", "socket") == [
        {"kind": "socket.ended", "path": "/ws", "origin": "app_error", "reason": "returned without closing"}
    ]


async def test_an_error_in_the_clean_up_does_not_change_who_closed(probe: Probe, told: Told) -> None:
    with pytest.raises(ValueError, match="late"):
        await run(probe, sends(ACCEPT, {"type": "websocket.close", "code": 1000}, then=ValueError("late")))
    assert told("socket.ended") == [ended(code=1000, origin="app_close", exception="ValueError")]


async def test_an_exception_after_the_peer_left_is_not_what_ended_it(probe: Probe, told: Told) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await reads_until_gone(scope, receive, send)
        raise RuntimeError("disconnected")

    with pytest.raises(RuntimeError):
        await run(probe, app, gone(1001, ""))
    assert told("socket.ended") == [ended(code=1001, origin="peer")]


async def test_a_send_that_fails_means_the_peer_left_with_the_code_it_left_behind(
    probe: Probe, told: Told
) -> None:
    messages = (ACCEPT, {"type": "websocket.send", "text": "tick"})
    with pytest.raises(OSError, match="the peer is gone"):
        await run(
            probe,
            sends(*messages),
            {"type": "websocket.receive", "text": "unread"},
            gone(1000, ""),
            fail_sends_of=("websocket.send",),
        )
    assert told("socket.ended") == [ended(code=1000, origin="peer")]


async def test_a_send_that_fails_without_a_disconnect_is_the_network(probe: Probe, told: Told) -> None:
    with pytest.raises(OSError, match="the peer is gone"):
        await run(probe, sends(ACCEPT, {"type": "websocket.close"}), fail_sends_of=("websocket.close",))
    assert told("socket.ended") == [ended(origin="network", reason="OSError: the peer is gone")]


async def test_a_handshake_that_the_client_gave_up_was_never_accepted(
    probe: Probe, told: Told, collector: Collector
) -> None:
    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        await receive()
        await receive()

    await run(probe, app, gone(1006))
    assert told("socket.ended") == [ended(origin="network")]
    assert "accepted_age" not in collector.events("socket.ended")[0]


async def test_a_cancelled_handler_is_told_and_stays_cancelled(probe: Probe, told: Told) -> None:
    task = asyncio.create_task(run(probe, reads_until_gone))
    await asyncio.to_thread(_wait_until, lambda: probe.life is not None and probe.life.open == 1)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    blame = {"origin": "app_error", "reason": "CancelledError", "exception": "CancelledError"}
    assert told("socket.ended") == [ended(**blame)]


def _wait_until(condition: Callable[[], bool]) -> None:
    while not condition():
        pass


async def test_the_ages_of_a_socket_are_in_order(probe: Probe, told: Told, collector: Collector) -> None:
    await run(probe, reads_until_gone, gone(1000, ""))
    told()
    (event,) = collector.events("socket.ended")
    ages = [event[name] for name in ("opened_age", "accepted_age", "ended_age")]
    assert (ages == sorted(ages), collector.events("socket.opened")[0]["age"]) == (True, ages[0])


async def test_a_reused_socket_id_does_not_make_two_sockets_one(probe: Probe, told: Told) -> None:
    for _ in range(2):
        await run(probe, reads_until_gone, gone(1000, ""))
    ids = [event["socket"] for event in told("socket.opened")]
    assert ids == ["s-1", f"{probe.boot_id[-12:]}-1"]


async def test_the_client_is_a_hash_that_says_nothing_about_its_address(
    probe: Probe, told: Told, collector: Collector
) -> None:
    await run(probe, reads_until_gone, gone(1000, ""))
    told()
    client = collector.events("socket.opened")[0]["client"]
    assert (client, client[:2], len(client)) == (probe.client_id("10.0.0.9", "test"), "h:", 14)


async def test_the_service_may_name_its_clients_itself(probe: Probe, collector: Collector) -> None:
    names: Iterator[object] = iter(["user-7", 7, "u" * 300])
    app = FalsestartMiddleware(reads_until_gone, probe, client_id=lambda _scope: next(names))  # type: ignore[arg-type, return-value]
    for _ in range(4):
        await Driver(app, CONNECT, gone(1000, "")).websocket()
    probe.flush(5.0)
    told = [event.get("client") for event in collector.events("socket.opened")]
    assert told == ["user-7", "7", "u" * 200, None]


async def test_a_settled_service_counts_what_went_well_and_lists_what_failed(
    make_probe: MakeProbe, collector: Collector
) -> None:
    probe = make_probe(contract=Contract(gate="services"))
    assert probe.life is not None
    probe.life.gate.passed_age = probe.age() - 61.0
    for message in (gone(1000, ""), gone(1000, ""), gone(1011, "boom")):
        await run(probe, reads_until_gone, message)
    probe.life.finish()
    probe.flush(5.0)
    tallies = collector.events("sockets.")
    counted = [(event["kind"], event["count"], event["clients"], event.get("code")) for event in tallies]
    assert counted == [("sockets.opened", 3, 1, None), ("sockets.ended", 2, 1, 1000)]
    assert [event["kind"] for event in collector.events("socket.")] == ["socket.ended"]
    assert collector.events("socket.ended")[0]["code"] == 1011


async def test_an_opening_that_was_listed_gets_its_end_listed_however_late(probe: Probe, told: Told) -> None:
    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        assert probe.life is not None
        probe.life.gate.passed_age = probe.age() - 61.0
        await receive()

    await run(probe, app, gone(1000, ""))
    assert told("socket.ended") == [ended(code=1000, origin="peer")]


async def test_open_sockets_are_counted_while_they_are_open(probe: Probe) -> None:
    assert probe.life is not None
    life, seen = probe.life, []

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        await receive()
        seen.append(life.open)

    await run(probe, app)
    assert (seen, life.open) == ([1], 0)


async def test_an_application_that_fails_after_its_client_left_did_not_end_the_socket(
    probe: Probe, told: Told
) -> None:
    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        driver.closing = True
        raise KeyError("session")

    driver = UvicornDriver(FalsestartMiddleware(app, probe), CONNECT, gone(1001, ""))
    with pytest.raises(KeyError):
        await driver.websocket(query=b"falsestart_socket=s-1")
    assert told("socket.ended") == [ended(code=1001, origin="peer", exception="KeyError")]


async def test_an_application_that_returns_after_its_client_left_made_no_error(
    probe: Probe, told: Told
) -> None:
    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        driver.closing = True

    driver = UvicornDriver(FalsestartMiddleware(app, probe), CONNECT)
    await driver.websocket(query=b"falsestart_socket=s-1")
    assert told("socket.ended") == [ended(origin="network")]


async def test_an_accept_that_nobody_waits_for_is_no_accept(
    probe: Probe, told: Told, collector: Collector
) -> None:
    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        driver.closing = True
        await send(ACCEPT)
        await receive()

    driver = UvicornDriver(FalsestartMiddleware(app, probe), CONNECT, gone(1006))
    await driver.websocket(query=b"falsestart_socket=s-1")
    assert told("socket.ended") == [ended(origin="network")]
    assert "accepted_age" not in collector.events("socket.ended")[0]


async def test_a_server_that_takes_messages_for_nobody_is_seen_through_while_they_are_sent(
    probe: Probe, told: Told
) -> None:
    seen: list[list[dict[str, Any]]] = []

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        for driver.closed in (False, True, True):
            await send({"type": "websocket.send", "text": "tick"})
            seen.append(await asyncio.to_thread(told, "socket.ended"))

    driver = HypercornDriver(FalsestartMiddleware(app, probe), CONNECT)
    await driver.websocket(query=b"falsestart_socket=s-1")
    lost = [ended(origin="network")]
    assert (seen, told("socket.ended")) == ([[], lost, lost], lost)
    assert probe.life is not None
    assert probe.life.open == 0


async def test_a_cancellation_by_a_server_that_stops_is_its_shutdown(probe: Probe, told: Told) -> None:
    driver = HypercornDriver(
        FalsestartMiddleware(sends(ACCEPT, then=asyncio.CancelledError()), probe), CONNECT
    )
    driver.terminated = True
    with pytest.raises(asyncio.CancelledError):
        await driver.websocket(query=b"falsestart_socket=s-1")
    blame = {"code": 1011, "reason": "CancelledError", "exception": "CancelledError"}
    assert told("socket.ended") == [ended(origin="server_shutdown", **blame)]
    assert told("boot.draining") == [{"kind": "boot.draining"}]


async def test_a_close_code_that_the_server_refuses_stays_what_the_application_sent(
    probe: Probe, told: Told
) -> None:
    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        with contextlib.suppress(ValueError):
            await send({"type": "websocket.close", "code": 1012})

    await run(probe, app, fail_sends_of=("websocket.close",), failure=ValueError("invalid close code"))
    said = "not sent: ValueError: invalid close code"
    assert told("socket.ended") == [ended(code=1012, origin="app_close", reason=said)]


async def test_a_close_code_that_nobody_may_send_is_the_applications_mistake(
    probe: Probe, told: Told
) -> None:
    messages = (ACCEPT, {"type": "websocket.close", "code": 1005})
    with pytest.raises(ValueError, match="invalid close code"):
        await run(
            probe,
            sends(*messages),
            fail_sends_of=("websocket.close",),
            failure=ValueError("invalid close code"),
        )
    (end,) = told("socket.ended")
    assert (end["origin"], end["exception"]) == ("app_close", "ValueError")


async def test_a_send_that_fails_after_the_close_does_not_change_who_closed(probe: Probe, told: Told) -> None:
    messages = (ACCEPT, {"type": "websocket.close", "code": 4001}, {"type": "websocket.send", "text": "late"})
    with pytest.raises(OSError, match="the peer is gone"):
        await run(probe, sends(*messages), fail_sends_of=("websocket.send",))
    assert told("socket.ended") == [ended(code=4001, origin="app_close", exception="OSError")]


async def test_a_server_of_another_make_than_it_looks_costs_only_what_it_would_have_said(
    probe: Probe, told: Told
) -> None:
    class Unsaid:
        def __bool__(self) -> bool:
            raise TypeError("neither yes nor no")

    class Newer(HypercornDriver):
        closed = Unsaid()  # type: ignore[assignment]
        context = buffer = object()  # type: ignore[assignment]

    tick = {"type": "websocket.send", "text": "tick"}
    for app in (sends(ACCEPT, tick), reads_until_gone):
        driver = Newer(FalsestartMiddleware(app, probe), CONNECT, gone(1001, ""))
        await driver.websocket()
    assert told("socket.ended", "socket", "kind", "path") == [
        {"origin": "app_error", "code": 1011, "reason": "returned without closing"},
        {"origin": "peer", "code": 1001},
    ]
    with pytest.raises(asyncio.CancelledError):
        await Newer(FalsestartMiddleware(sends(then=asyncio.CancelledError()), probe), CONNECT).websocket()
    assert told("socket.rejected", "socket", "kind", "path", "reason", "exception") == [
        {"origin": "app_error", "status": 500}
    ]


async def test_a_coroutine_that_nobody_runs_any_more_is_closed_without_waiting(
    probe: Probe, told: Told
) -> None:
    driver = Driver(FalsestartMiddleware(reads_until_gone, probe), CONNECT)
    coroutine = driver.websocket(query=b"falsestart_socket=s-1")
    coroutine.send(None)
    coroutine.close()
    blame = {"origin": "server_shutdown", "reason": "GeneratorExit", "exception": "GeneratorExit"}
    assert told("socket.ended") == [ended(**blame)]


def test_no_event_loop_of_asyncio_is_needed(probe: Probe, told: Told) -> None:
    """As under trio: the coroutine is run by hand."""
    messages = (ACCEPT, {"type": "websocket.send", "text": "tick"})
    with pytest.raises(OSError, match="the peer is gone"):
        run(probe, sends(*messages), fail_sends_of=("websocket.send",)).send(None)
    assert told("socket.ended") == [ended(origin="network", reason="OSError: the peer is gone")]
