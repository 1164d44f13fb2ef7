import socket
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from falsestart import Probe
from falsestart.wsgi import Environ, FalsestartWSGI, StartResponse

from tests.probe.collector import Collector
from tests.probe.processes import Server, free_port

Told = Callable[..., list[dict[str, Any]]]


def answers(status: str) -> Callable[[Environ, StartResponse], Iterable[bytes]]:
    def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        environ["seen"] = True
        start_response(status, [("X", "1")])
        return [b"whole", b"body"]

    return app


def ask(app: FalsestartWSGI) -> tuple[list[Any], list[bytes], Environ]:
    """What the server is told, the body, and the environ afterwards."""
    started: list[Any] = []
    environ = {"PATH_INFO": "/health", "QUERY_STRING": "token=x", "REQUEST_METHOD": "GET"}
    body = app(environ, lambda *arguments: started.extend(arguments))
    return started, list(body), environ


def test_an_answer_passes_through_as_it_is(probe: Probe, told: Told) -> None:
    started, body, environ = ask(FalsestartWSGI(answers("200 OK"), probe))
    assert (started, body, environ["seen"]) == (["200 OK", [("X", "1")]], [b"whole", b"body"], True)
    assert told("request") == []


def test_the_first_request_says_that_the_process_listens(probe: Probe, told: Told) -> None:
    app = FalsestartWSGI(answers("200 OK"), probe)
    for _ in range(2):
        ask(app)
    assert told("boot.listening") == [{"kind": "boot.listening"}]


def test_a_request_that_fails_while_the_service_starts_is_told_without_its_query(
    probe: Probe, told: Told
) -> None:
    ask(FalsestartWSGI(answers("503 Service Unavailable"), probe))
    assert told("request") == [{"kind": "request.failed", "path": "/health", "method": "GET", "status": 503}]


def test_an_exception_goes_on_and_is_told(probe: Probe, told: Told) -> None:
    error = KeyError("session")

    def app(_environ: Environ, _start: StartResponse) -> Iterable[bytes]:
        raise error

    with pytest.raises(KeyError) as caught:
        ask(FalsestartWSGI(app, probe))
    assert caught.value is error
    assert [(event["status"], event["error"]) for event in told("request")] == [(500, "KeyError: 'session'")]


def test_a_status_that_cannot_be_read_does_no_harm(probe: Probe, told: Told) -> None:
    started, _, _ = ask(FalsestartWSGI(answers("junk"), probe))
    assert (started[0], told("request")) == ("junk", [])


def test_a_settled_service_is_left_alone(probe: Probe, told: Told) -> None:
    assert probe.life is not None
    app = FalsestartWSGI(answers("503 Busy"), probe)
    ask(app)
    probe.life.gate.passed_age = probe.age() - 61.0
    ask(app)
    assert len(told("request")) == 1


def test_without_a_server_to_report_to_it_only_passes_on() -> None:
    assert ask(FalsestartWSGI(answers("200 OK"), Probe("chat")))[1] == [b"whole", b"body"]


def fetch(port: int, path: str) -> int:
    """The status of a request to a real server."""
    with socket.create_connection(("127.0.0.1", port), timeout=20.0) as client:
        client.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        return int(client.makefile("rb").readline().split()[1])


@pytest.mark.integration
def test_a_sync_worker_of_gunicorn_tells_its_whole_life(collector: Collector) -> None:
    port = free_port()
    target = {"FALSESTART_ENDPOINT": collector.url, "FALSESTART_KEY": "fs_test"}
    command = ("gunicorn", "--bind", f"127.0.0.1:{port}", "tests.probe.wsgi_service:app")
    with Server(*command, port=port, **target) as server:
        server.wait_until_it_listens()
        assert (fetch(port, "/"), fetch(port, "/fail")) == (200, 503)
        collector.wait_for("request.failed")
        assert server.terminate() == 0
    (story,) = collector.boots().values()
    assert [kind for kind in story if kind != "alive"] == [
        "boot.listening",
        "phase.started",
        "phase.finished",
        "boot.ready",
        "request.failed",
        "boot.exited",
    ]
