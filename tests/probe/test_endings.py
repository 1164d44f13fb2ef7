import asyncio

import pytest
from falsestart.endings import End, closed_by_app, denied_by_app, disconnected, raised, returned

from tests.probe.driver import gone


@pytest.mark.parametrize(
    ("message", "end"),
    [
        (gone(1000, ""), End(origin="peer", code=1000)),
        (gone(1001, ""), End(origin="peer", code=1001)),
        (gone(1005, ""), End(origin="peer", code=1005)),
        (gone(4321, "bye"), End(origin="peer", code=4321, reason="bye")),
        (gone(1011, "boom"), End(origin="peer", code=1011, reason="boom")),
        (gone(1012, ""), End(origin="peer", code=1012)),
        (gone(1011, "keepalive"), End(origin="keepalive", code=1011, reason="keepalive")),
        (gone(1012), End(origin="server_shutdown", code=1012)),
        (gone(1006, ""), End(origin="network")),
        (gone(1006), End(origin="network")),
        (gone(1005), End(origin="network")),
        ({"type": "websocket.disconnect"}, End(origin="network")),
        (gone(77, "junk"), End(origin="peer", reason="junk")),
    ],
)
def test_a_disconnect_says_who_was_first(message: dict[str, object], end: End) -> None:
    assert disconnected(message) == end


@pytest.mark.parametrize(
    ("sent", "end"),
    [
        (
            (1011, "keepalive ping timeout"),
            End(origin="keepalive", code=1011, reason="keepalive ping timeout"),
        ),
        ((1009, "too big"), End(origin="unknown", code=1009, reason="too big")),
        ((1002, ""), End(origin="unknown", code=1002, reason="closed by the server")),
        ((1012, ""), End(origin="server_shutdown", code=1012, reason="closed by the server")),
    ],
)
def test_a_close_that_the_server_is_known_to_have_sent_counts_more_than_1006(
    sent: tuple[int, str], end: End
) -> None:
    assert disconnected(gone(1006), sent) == end


@pytest.mark.parametrize(
    ("message", "end"),
    [
        ({"code": 1013, "reason": "later"}, End(origin="app_close", code=1013, reason="later")),
        ({}, End(origin="app_close", code=1000)),
        ({"code": "1011"}, End(origin="app_close", code=1000)),
    ],
)
def test_a_close_after_accept_keeps_what_the_application_sent(message: dict[str, object], end: End) -> None:
    assert closed_by_app(message, accepted=True) == end


def test_a_close_before_accept_is_a_403_whatever_its_code() -> None:
    ends = [closed_by_app({"code": code}, accepted=False) for code in (1000, 4001)]
    assert ends == [
        End(origin="app_close", status=403),
        End(origin="app_close", status=403, code=4001),
    ]


def test_a_denial_keeps_its_status() -> None:
    assert denied_by_app({"status": 503}) == End(origin="app_close", status=503)


def test_an_exception_is_a_500_before_accept_and_no_close_frame_after() -> None:
    error = KeyError("session")
    ends = [raised(error, accepted=accepted, draining=False) for accepted in (False, True)]
    common = {"origin": "app_error", "reason": "KeyError: 'session'", "exception": "KeyError"}
    assert ends == [End(status=500, **common), End(**common)]  # type: ignore[arg-type]


def test_a_cancellation_is_the_servers_only_when_it_shuts_down() -> None:
    def cancelled(text: str, *, draining: bool) -> str:
        return raised(asyncio.CancelledError(text), accepted=True, draining=draining).origin

    late = "Task cancelled, timeout graceful shutdown exceeded"
    origins = [cancelled("", draining=False), cancelled("", draining=True), cancelled(late, draining=False)]
    assert origins == ["app_error", "server_shutdown", "server_shutdown"]


def test_an_application_that_returns_too_early_made_an_error() -> None:
    assert [returned(accepted=accepted) for accepted in (False, True)] == [
        End(origin="app_error", status=500, reason="returned before accept"),
        End(origin="app_error", reason="returned without closing"),
    ]


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (End(origin="peer", code=1000), True),
        (End(origin="peer", code=1005), True),
        (End(origin="app_close", code=1000), True),
        (End(origin="peer", code=1011), False),
        (End(origin="app_close", code=1013), False),
        (End(origin="app_close", status=403), False),
        (End(origin="app_close", code=1000, exception="KeyError"), False),
        (End(origin="network"), False),
    ],
)
def test_only_ends_that_are_nobodys_fault_may_be_counted(end: End, expected: bool) -> None:
    assert end.expected is expected
