import asyncio

import pytest
from falsestart.endings import (
    End,
    Habits,
    closed_by_app,
    closed_by_server,
    denied_by_app,
    disconnected,
    dropped_by_server,
    raised,
    returned,
)

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
    ("code", "reason", "end"),
    [
        (
            1011,
            "keepalive ping timeout",
            End(origin="keepalive", code=1011, reason="keepalive ping timeout"),
        ),
        (1009, "too big", End(origin="unknown", code=1009, reason="too big")),
        (1002, "", End(origin="unknown", code=1002, reason="closed by the server")),
        (1012, "", End(origin="server_shutdown", code=1012, reason="closed by the server")),
    ],
)
def test_a_close_frame_of_the_servers_own_is_not_the_applications(code: int, reason: str, end: End) -> None:
    assert closed_by_server(code, reason) == end


def test_a_connection_that_the_server_cut_had_no_close_frame() -> None:
    assert dropped_by_server("bad\0mask") == End(origin="unknown", reason="dropped by the server: badmask")


def test_what_the_server_knows_counts_more_than_1006_and_less_than_its_shutdown() -> None:
    known = End(origin="peer", code=4321)
    assert [disconnected(gone(code), known) for code in (1006, 1005, 1012)] == [
        known,
        known,
        End(origin="server_shutdown", code=1012),
    ]


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


UVICORN = Habits()
OTHER = Habits(
    raised_early=403, cancelled_early=404, returned_early=None, raised=1011, cancelled=1005, returned=1006
)


def test_an_exception_is_what_the_server_makes_of_it() -> None:
    def fails(habits: Habits, *, accepted: bool) -> End:
        return raised(KeyError("session"), accepted=accepted, stopping=False, habits=habits)

    common = {"origin": "app_error", "reason": "KeyError: 'session'", "exception": "KeyError"}
    ends = [fails(habits, accepted=accepted) for habits in (UVICORN, OTHER) for accepted in (False, True)]
    made = [{"status": 500}, {}, {"status": 403}, {"code": 1011}]
    assert ends == [End(**fields, **common) for fields in made]  # type: ignore[arg-type]


def test_a_cancellation_is_what_the_server_makes_of_it() -> None:
    ends = [
        raised(asyncio.CancelledError(), accepted=accepted, stopping=False, habits=OTHER)
        for accepted in (False, True)
    ]
    assert [(end.origin, end.status, end.code) for end in ends] == [
        ("app_error", 404, None),
        ("app_error", None, 1005),
    ]


class Cancelled(BaseException):
    """Trio's, by its name."""


def test_a_cancellation_is_the_servers_only_when_it_shuts_down() -> None:
    def origin(error: BaseException, *, stopping: bool) -> str:
        return raised(error, accepted=True, stopping=stopping, habits=UVICORN).origin

    late = asyncio.CancelledError("Task cancelled, timeout graceful shutdown exceeded")
    assert [origin(error, stopping=False) for error in (asyncio.CancelledError(), Cancelled(), late)] == [
        "app_error",
        "app_error",
        "server_shutdown",
    ]
    assert [
        origin(error, stopping=True) for error in (asyncio.CancelledError(), Cancelled(), KeyError())
    ] == [
        "server_shutdown",
        "server_shutdown",
        "app_error",
    ]


def test_an_application_whose_loop_is_gone_was_ended_by_the_server() -> None:
    end = raised(GeneratorExit(), accepted=True, stopping=False, habits=UVICORN)
    assert end == End(origin="server_shutdown", reason="GeneratorExit", exception="GeneratorExit")


def test_an_application_that_returns_too_early_made_an_error() -> None:
    ends = [
        returned(accepted=accepted, habits=habits)
        for habits in (UVICORN, OTHER)
        for accepted in (False, True)
    ]
    early, late = "returned before accept", "returned without closing"
    assert ends == [
        End(origin="app_error", status=500, reason=early),
        End(origin="app_error", reason=late),
        End(origin="app_error", reason=early),
        End(origin="app_error", code=1006, reason=late),
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
