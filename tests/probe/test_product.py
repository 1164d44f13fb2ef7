"""The probe against the real product: a web process on the database of this run."""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from falsestart.client import Client
from falsestart.diagnosis import Step, diagnose
from websockets.exceptions import ConnectionClosed, InvalidStatus

from ingest import tasks
from ingest.models import Boot, Environment, Event, Socket
from ingest.store import keys
from tests.engines import wait_until
from tests.ingest.receive.web import Web, on_test_database
from tests.probe.processes import Server, free_port

pytestmark = pytest.mark.integration

SERVICE = {"service.name": "ticket-office", "deployment.environment.name": "staging"}


@pytest.fixture(scope="module")
def web(django_db_setup: None, redis_url: str) -> Iterator[Web]:  # noqa: ARG001 - both have to be there
    with on_test_database() as web:
        yield web


def answer(web: Web, key: str) -> Step:
    """What the check says of the server's answer."""
    report = diagnose(SERVICE, f"http://127.0.0.1:{web.port}", {"FALSESTART_KEY": key})
    (step,) = [step for step in report.steps if step.name == "answer"]
    return step


@pytest.mark.django_db(transaction=True)
def test_a_key_that_may_write_is_told_so_and_nothing_is_stored_of_a_check(web: Web) -> None:
    found = answer(web, keys.create("write"))
    assert (found.ok, found.said, Event.objects.count()) == (
        True,
        "HTTP 202: the key may write for this service",
        0,
    )


@pytest.mark.django_db(transaction=True)
def test_keys_that_will_not_do_are_told_apart(web: Web) -> None:
    given = ["fs_unknown", keys.create("read"), keys.create("write", service="another")]
    assert [answer(web, key).said for key in given] == [
        (
            "HTTP 401: the server does not know this key, or it is expired or revoked. "
            "It says: This key is unknown, expired or revoked."
        ),
        "HTTP 403: the key is known but may not write this. It says: This key may read, not write.",
        (
            "HTTP 403: the key is known but may not write this. "
            "It says: This key may not write for ticket-office in staging."
        ),
    ]


class Service:
    """A service on uvicorn with the probe, reporting to the product."""

    def __init__(self, web: Web, key: str) -> None:
        self.port = free_port()
        target = {"FALSESTART_ENDPOINT": f"http://127.0.0.1:{web.port}", "FALSESTART_KEY": key}
        self._server = Server(
            "uvicorn", "tests.probe.service:app", "--port", str(self.port), port=self.port, **target
        )

    def __enter__(self) -> "Service":
        self._server.__enter__().wait_until_it_listens()
        return self

    def __exit__(self, *error: Any) -> None:
        self._server.__exit__(*error)

    async def visit(self, client: Client, path: str) -> None:
        """Open a socket and wait for its end."""
        with contextlib.suppress(ConnectionClosed, InvalidStatus):
            async with client.connect(f"ws://127.0.0.1:{self.port}{path}") as connection:
                await connection.recv()


def reports(role: str) -> int:
    return Event.objects.filter(role=role, kind__in=("socket.ended", "socket.rejected")).count()


@pytest.mark.django_db(transaction=True)
def test_what_client_and_service_saw_of_a_socket_is_one_socket_with_both_codes(web: Web) -> None:
    key = keys.create("write")
    client = Client("chat", endpoint=f"http://127.0.0.1:{web.port}", key=key)
    with Service(web, key) as service:
        for path in ("/raise-late", "/close?code=1013", "/deny"):
            asyncio.run(service.visit(client, path))
        assert client.flush(20.0) is True
        wait_until(lambda: (reports("service"), reports("client")) == (3, 3), "both sides' reports", 30.0)
    tasks.correlate(list(Boot.objects.values_list("pk", flat=True)))
    tasks.correlate_environments(list(Environment.objects.values_list("pk", flat=True)))
    found = {
        socket.path: (socket.reporters, socket.outcome, socket.code_seen_by, socket.status)
        for socket in Socket.objects.all()
    }
    both = ["client", "service"]
    assert found == {
        "/raise-late": (both, "lost", {"client": 1006}, None),
        "/close": (both, "closed", {"client": 1013, "service": 1013}, None),
        "/deny": (both, "rejected", {}, 503),
    }
