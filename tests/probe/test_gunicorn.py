"""gunicorn's hooks, alone and in real gunicorn with and without a preloaded application."""

import socket
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from falsestart import Probe, gunicorn, listeners

from tests.probe.collector import Collector
from tests.probe.processes import Server, free_port, run_python

ASGI = ("tests.probe.service:app", "--worker-class", "uvicorn_worker.UvicornWorker")
WSGI = ("tests.probe.wsgi_service:app",)
OWN_CONF = "python:tests.probe.gunicorn_conf"


@pytest.fixture(autouse=True)
def _nothing_opened() -> Iterator[None]:
    gunicorn._bound = None
    yield
    listeners.forget()


def arbiter(*sockets: socket.socket, workers: int = 2) -> Any:
    return SimpleNamespace(LISTENERS=sockets, cfg=SimpleNamespace(workers=workers))


def test_a_worker_begins_with_a_port_that_is_older_than_itself() -> None:
    with socket.create_server(("127.0.0.1", 0)) as opened:
        server = arbiter(opened)
        gunicorn.when_ready(server)
        gunicorn.post_fork(server, SimpleNamespace(age=2))
        later = time.monotonic() + 0.5
        found = listeners.before(later)
        assert found is not None
        assert (found[0] <= -0.5, found[1]) == (True, opened.getsockname()[1])


def test_a_worker_that_takes_anothers_place_was_not_awaited() -> None:
    with socket.create_server(("127.0.0.1", 0)) as opened:
        server = arbiter(opened, workers=1)
        gunicorn.when_ready(server)
        gunicorn.post_fork(server, SimpleNamespace(age=2))
        assert listeners.before(0.0) is None


def test_a_preloaded_probe_is_told_too(make_probe: Callable[..., Probe], collector: Collector) -> None:
    probe = make_probe()
    with socket.create_server(("127.0.0.1", 0)) as opened:
        gunicorn.when_ready(arbiter(opened))
        port = opened.getsockname()[1]
    probe.flush(5.0)
    assert [event["port"] for event in collector.events("boot.listening")] == [port]


@pytest.mark.integration
def test_what_a_worker_forks_does_not_serve_its_port() -> None:
    script = """
import os
from falsestart import listeners
listeners.opened(8000, 1.0)
pid = os.fork()
if pid == 0:
    os._exit(0 if listeners.before(2.0) is None else 1)
print(os.waitpid(pid, 0)[1], listeners.before(2.0))
"""
    assert run_python(script) == "0 (-1.0, 8000)\n"


def test_without_a_port_in_the_master_nothing_is_told() -> None:
    gunicorn.when_ready(arbiter())
    gunicorn.post_fork(arbiter(), SimpleNamespace(age=1))
    assert listeners.before(0.0) is None


def test_a_hook_that_gunicorn_calls_otherwise_does_no_harm() -> None:
    gunicorn.when_ready(object())
    gunicorn.post_fork(object(), object())
    assert listeners.before(0.0) is None


def serve(collector: Collector, *arguments: str, **extra: str) -> Server:
    port = free_port()
    target = {"FALSESTART_ENDPOINT": collector.url, "FALSESTART_KEY": "fs_test", **extra}
    return Server("gunicorn", "--bind", f"127.0.0.1:{port}", *arguments, port=port, **target)


def by_boot(collector: Collector) -> dict[str, dict[str, Any]]:
    """The last batch's facts of each boot, with all its events."""
    boots: dict[str, dict[str, Any]] = {}
    for post in list(collector.posts):
        batch = post.batch
        known = boots.setdefault(batch["boot"]["id"], {"parent": batch["boot"]["parent"], "events": []})
        known["events"] += batch["events"]
    return boots


@pytest.mark.integration
@pytest.mark.parametrize("conf", ["python:falsestart.gunicorn", OWN_CONF])
def test_the_port_of_gunicorn_is_told_with_its_age_before_the_fork(collector: Collector, conf: str) -> None:
    with serve(collector, *ASGI, "--config", conf) as server:
        (event,) = collector.wait_for("boot.listening")
    assert (-5.0 < event["age"] < 0.0, event["port"]) == (True, server.port)


@pytest.mark.integration
def test_a_preloaded_application_has_its_phases_before_its_port_and_its_workers_have_both(
    collector: Collector,
) -> None:
    with serve(collector, *WSGI, "--preload", "--config", "python:falsestart.gunicorn", "--workers", "2"):
        collector.wait_for("boot.listening", 3)
    boots = by_boot(collector)
    (master,) = [boot for boot, known in boots.items() if known["parent"] is None]
    workers = {boot: known for boot, known in boots.items() if boot != master}
    assert [known["parent"] for known in workers.values()] == [master, master]
    ages = {
        boot: {
            event["kind"]: event["age"]
            for event in known["events"]
            if event["kind"] in {"phase.finished", "boot.ready", "boot.listening"}
        }
        for boot, known in boots.items()
    }
    for found in ages.values():
        assert sorted(found, key=lambda kind: found[kind]) == [
            "phase.finished",
            "boot.ready",
            "boot.listening",
        ]
    assert [all(age < 0 for age in ages[boot].values()) for boot in workers] == [True, True]
    assert all(age > 0 for age in ages[master].values())


@pytest.mark.integration
def test_a_worker_that_replaces_one_that_died_begins_with_an_open_port(collector: Collector) -> None:
    arguments = ("--config", "python:falsestart.gunicorn", "--max-requests", "1")
    with serve(collector, *WSGI, *arguments) as server:
        server.wait_until_it_listens()
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert client.recv(20)[:12] == b"HTTP/1.0 200"
        first, second = collector.wait_for("boot.listening", 2)
    assert (first["age"] < 0.0, second["age"]) == (True, 0.0)
