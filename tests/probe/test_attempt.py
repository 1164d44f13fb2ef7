from typing import Any

import pytest
from falsestart.client.attempt import Attempt, path_of, with_socket_id, without_socket_id
from falsestart.recorder import Event


class Kept:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.vital: list[bool] = []

    def record(self, event: Event, *, vital: bool) -> None:
        self.events.append(event)
        self.vital.append(vital)


def begin(url: str = "ws://h/ws?token=x") -> tuple[Kept, Attempt]:
    kept = Kept()
    return kept, Attempt(kept, url, "c-1", "u-7")


def last(kept: Kept) -> dict[str, Any]:
    """What was told last, without times."""
    times = {"seq", "opened_at", "accepted_at", "ended_at"}
    return {name: value for name, value in kept.events[-1].items() if name not in times and value is not None}


NAMES = {"socket": "c-1", "client": "u-7", "path": "/ws"}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("ws://h/ws", "ws://h/ws?falsestart_socket=c-1"),
        ("ws://h/ws?a=%20b&c", "ws://h/ws?a=%20b&c&falsestart_socket=c-1"),
        ("ws://h", "ws://h?falsestart_socket=c-1"),
        ("wss://u:p@h:8/ws?a=1#part", "wss://u:p@h:8/ws?a=1&falsestart_socket=c-1#part"),
        ("/relative?x=1", "/relative?x=1&falsestart_socket=c-1"),
    ],
)
def test_the_id_joins_the_query_that_is_there(url: str, expected: str) -> None:
    assert with_socket_id(url, "c-1") == (expected, "c-1")
    assert without_socket_id(expected, "c-1") == url


def test_an_id_of_the_callers_own_is_kept() -> None:
    url = "ws://h/ws?falsestart_socket=mine&a=1"
    assert with_socket_id(url, "c-1") == (url, "mine")


def test_an_address_that_is_none_is_left_to_the_library() -> None:
    assert (with_socket_id("ws://[::1", "c-1"), path_of("ws://[::1")) == (("ws://[::1", "c-1"), "/")


def test_an_opening_is_told_at_once_without_its_query() -> None:
    kept, _ = begin()
    assert (last(kept), kept.vital) == ({"kind": "socket.opened", **NAMES}, [False])


def test_an_end_is_told_once_with_its_times_in_order() -> None:
    kept, attempt = begin()
    attempt.accept()
    attempt.end(1011, "boom", origin="keepalive")
    attempt.end(1000)
    end = kept.events[-1]
    assert (len(kept.events), kept.vital) == (2, [False, True])
    assert last(kept) == {
        "kind": "socket.ended",
        **NAMES,
        "code": 1011,
        "reason": "boom",
        "origin": "keepalive",
    }
    assert end["opened_at"] <= end["accepted_at"] <= end["ended_at"]


def test_an_end_that_comes_before_the_caller_knows_of_its_connection_is_told_with_it() -> None:
    kept, attempt = begin()
    attempt.end(1013)
    before = len(kept.events)
    attempt.accept()
    assert (before, last(kept)["code"]) == (1, 1013)


def test_an_end_before_a_refusal_is_only_the_refusal() -> None:
    kept, attempt = begin()
    attempt.end(1006)
    attempt.refuse(OSError("no"), 503)
    assert [event["kind"] for event in kept.events] == ["socket.opened", "socket.rejected"]
    assert last(kept)["status"] == 503


@pytest.mark.parametrize("code", [None, 1006, 17, 5000])
def test_without_a_close_frame_the_code_is_1006(code: int | None) -> None:
    kept, attempt = begin()
    attempt.accept()
    attempt.end(code)
    assert last(kept)["code"] == 1006


def test_a_handshake_that_breaks_says_why_and_one_that_is_given_up_says_who() -> None:
    ends = []
    for error in (OSError("no route"), KeyboardInterrupt()):
        kept, attempt = begin()
        attempt.refuse(error)
        ends.append({name: last(kept).get(name) for name in ("kind", "code", "reason", "origin")})
    ended = {"kind": "socket.ended", "code": 1006}
    assert ends == [
        {**ended, "reason": "OSError: no route", "origin": None},
        {**ended, "reason": "KeyboardInterrupt", "origin": "peer"},
    ]
