"""A Django Channels application on every server: what its clients see, what is told."""

import pytest

from tests.probe.collector import Collector
from tests.probe.servers.cells import Row, cell, cells, ended, expected, not_sent_by_daphne, rejected
from tests.probe.servers.conftest import Fleet
from tests.probe.servers.run import SERVERS
from tests.probe.servers.wire import NO_FRAME, Wire

SERVED = SERVERS
SERVED_APP = "tests.probe.frameworks.channels_service:application"

RAISED = {"reason": "KeyError: 'session'", "exception": "KeyError"}
UNROUTED = {"reason": "ValueError: No route found for path 'no/such'.", "exception": "ValueError"}


async def say_raise(wire: Wire) -> None:
    wire.say("raise")


def fails_early(path: str, **blame: str) -> Row:
    return Row(
        path=path,
        seen="http 500",
        told=rejected(500, "app_error", **blame),
        but={"granian": ("http 403", rejected(403, "app_error", **blame))},
    )


def fails_late(row_path: str, *, on_message: bool) -> Row:
    """No close frame, 1011, or a frame without a code."""
    told = ended("app_error", **RAISED)
    by_server = ended("app_error", code=1011, **RAISED)
    but = {
        "hypercorn": ("1011", by_server),
        "daphne": ("1011", by_server),
        "granian": ("1005", ended("app_error", code=1005, **RAISED)),
    }
    if on_message:
        return Row(path=row_path, act=say_raise, seen=NO_FRAME, told=told, but=but)
    return Row(path=row_path, seen=NO_FRAME, told=told, but=but)


ROWS = {
    "raises before accept": fails_early("/raise_early", **RAISED),
    "denies the connection": Row(path="/deny", seen="http 403", told=rejected(403, "app_close")),
    "closes before accept": Row(
        path="/close_early", seen="http 403", told=rejected(403, "app_close", code=4001)
    ),
    "raises after accept": fails_late("/raise_late", on_message=False),
    "raises on a message": fails_late("/echo", on_message=True),
    "closes with 1011": Row(
        path="/close_1011",
        seen="1011",
        told=ended("app_close", code=1011),
        but={"daphne": ("1011", ended("app_close", code=1011, reason=not_sent_by_daphne(1011)))},
    ),
    "closes with 4001": Row(path="/close_4001", seen="4001", told=ended("app_close", code=4001)),
    "has no route for it": fails_early("/no/such", **UNROUTED),
}


@pytest.mark.integration
@pytest.mark.parametrize("name", SERVED)
async def test_what_a_channels_consumer_does_is_told_as_it_was(
    fleet: Fleet, shared: Collector, name: str
) -> None:
    assert await cells(name, fleet[name], shared, ROWS) == expected(name, ROWS)


@pytest.mark.integration
@pytest.mark.parametrize("name", SERVED)
async def test_a_group_that_cannot_be_joined_refuses_the_socket(
    fleet: Fleet, shared: Collector, name: str
) -> None:
    row = Row(path="/redis_is_down", seen="", told={})
    seen, told = await cell(fleet[name], shared, row, stays=False)
    status = 403 if name == "granian" else 500
    reason = told.pop("reason")
    assert (seen, told) == (
        f"http {status}",
        rejected(status, "app_error", exception="ConnectionError"),
    )
    assert reason.startswith("ConnectionError: Error 111 connecting to 127.0.0.1:1") is True


@pytest.mark.integration
@pytest.mark.parametrize("name", SERVED)
async def test_an_origin_that_is_not_allowed_is_refused_like_any_other_denial(
    fleet: Fleet, shared: Collector, name: str
) -> None:
    row = Row(path="/echo", seen="", told={}, origin="http://elsewhere.example")
    assert await cell(fleet[name], shared, row, stays=False) == ("http 403", rejected(403, "app_close"))
