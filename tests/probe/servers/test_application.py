"""What the application does to a socket, on every server: what its client sees, what is told."""

import pytest

from tests.probe.collector import Collector
from tests.probe.servers.cells import Row, cells, ended, expected, given_up, not_sent_by_daphne, rejected
from tests.probe.servers.conftest import Fleet
from tests.probe.servers.run import SERVERS
from tests.probe.servers.wire import NO_ANSWER, NO_FRAME, STILL_OPEN, Wire

SERVED = SERVERS

RAISED = {"reason": "KeyError: 'session'", "exception": "KeyError"}
CANCELLED = {"reason": "CancelledError", "exception": "CancelledError"}
LEFT = {"reason": "returned without closing"}


def closes(code: int, *, daphne_takes_it: bool) -> Row:
    """The application closes with a code; Daphne says 1011 in its place, and drops the reason anyway."""
    told = ended("app_close", code=code, reason="why")
    otherwise = ended("app_close", code=code, reason=f"why; {not_sent_by_daphne(code)}")
    on_daphne = (str(code), told) if daphne_takes_it else ("1011", otherwise)
    return Row(path=f"/close?code={code}", seen=f"{code} why", told=told, but={"daphne": on_daphne})


async def say_raise(wire: Wire) -> None:
    wire.say("raise")


async def say_cancel(wire: Wire) -> None:
    wire.say("cancel")


def fails(path: str, **options: object) -> Row:
    """An exception after accept: no frame, 1011, or a frame without a code."""
    return Row(
        path=path,
        seen=NO_FRAME,
        told=ended("app_error", **RAISED),
        but={
            "hypercorn": ("1011", ended("app_error", code=1011, **RAISED)),
            "daphne": ("1011", ended("app_error", code=1011, **RAISED)),
            "granian": ("1005", ended("app_error", code=1005, **RAISED)),
        },
        **options,  # type: ignore[arg-type]
    )


ROWS = {
    "raises before accept": Row(
        path="/raise-early",
        seen="http 500",
        told=rejected(500, "app_error", **RAISED),
        but={"granian": ("http 403", rejected(403, "app_error", **RAISED))},
    ),
    "returns before accept": Row(
        path="/return-early",
        seen="http 500",
        told=rejected(500, "app_error", reason="returned before accept"),
        but={
            "granian": ("http 403", rejected(403, "app_error", reason="returned before accept")),
            # The client waits; after 5 s Daphne cuts the connection.
            "daphne": (NO_ANSWER, given_up("app_error", reason="returned before accept")),
        },
    ),
    "closes before accept": Row(
        path="/close-early", seen="http 403", told=rejected(403, "app_close", code=4001)
    ),
    "denies with 503": Row(
        path="/deny",
        seen="http 503, retry-after: 1",
        told=rejected(503, "app_close"),
        # No such extension: the service closes in its stead.
        but={"daphne": ("http 403", rejected(403, "app_close", code=1013))},
    ),
    "raises after accept": fails("/raise-late"),
    "raises on a message": fails("/echo", act=say_raise),
    "is cancelled on a message": Row(
        path="/echo",
        act=say_cancel,
        seen=NO_FRAME,
        told=ended("app_error", **CANCELLED),
        but={
            "hypercorn": ("1011", ended("app_error", code=1011, **CANCELLED)),
            "daphne": (STILL_OPEN, ended("app_error", **CANCELLED)),
            "granian": ("1005", ended("app_error", code=1005, **CANCELLED)),
        },
    ),
    "returns after accept": Row(
        path="/leave",
        seen=NO_FRAME,
        told=ended("app_error", **LEFT),
        but={
            "hypercorn": ("1011", ended("app_error", code=1011, **LEFT)),
            "daphne": (STILL_OPEN, ended("app_error", **LEFT)),
            "granian": ("1005", ended("app_error", code=1005, **LEFT)),
        },
    ),
    "closes without a code": Row(path="/close", seen="1000", told=ended("app_close", code=1000)),
    "closes with 1000": closes(1000, daphne_takes_it=True),
    "closes with 1001": closes(1001, daphne_takes_it=False),
    "closes with 1008": closes(1008, daphne_takes_it=False),
    "closes with 1011": closes(1011, daphne_takes_it=False),
    "closes with 1012": closes(1012, daphne_takes_it=False),
    "closes with 1013": closes(1013, daphne_takes_it=False),
    "closes with 4001": closes(4001, daphne_takes_it=True),
}


@pytest.mark.integration
@pytest.mark.parametrize("name", SERVED)
async def test_what_the_application_does_is_told_as_it_was(
    fleet: Fleet, shared: Collector, name: str
) -> None:
    assert await cells(name, fleet[name], shared, ROWS) == expected(name, ROWS)
