"""A real web process on a loopback port, and what a client says to it."""

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection

from dashboard.management.up.leash import leash
from ingest.receive.endpoint import PATH
from tests.engines import LOOPBACK, pick_port, wait_until
from tests.ingest.receive.driver import Response

ROOT = Path(__file__).parents[3]
PORTS = range(32_000, 32_700)
TIMEOUT = 60.0  # s for an answer, on a machine that is busy with other tests

Body = bytes | Iterable[bytes]


class Web:
    """Daphne with the whole product behind it, on a database that the test names."""

    def __init__(self, database_url: str, **environment: str) -> None:
        """Start it; it is not ready yet."""
        self.port = pick_port(PORTS)
        self.environment = os.environ | {"DATABASE_URL": database_url} | environment
        self.log = Path(tempfile.mkstemp(prefix="falsestart-web-", suffix=".log")[1])
        address = ("-b", LOOPBACK, "-p", str(self.port), "-v", "0", "--no-server-name")
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "daphne", *address, "dashboard.asgi:application"],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=output,
                preexec_fn=leash(),  # noqa: PLW1509 - it only calls the kernel
            )

    def manage(self, *arguments: str) -> str:
        """What a management command on the same database prints on standard output."""
        command = [sys.executable, "manage.py", *arguments]
        ran = subprocess.run(
            command, cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True
        )
        return ran.stdout

    def answers(self) -> bool:
        """Whether it listens; fails loudly where it ended instead."""
        assert self.process.poll() is None, self.log.read_text()
        try:
            socket.create_connection((LOOPBACK, self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def stop(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.wait()
        self.log.unlink()

    def connect(self) -> http.client.HTTPConnection:
        """A connection of a client."""
        return http.client.HTTPConnection(LOOPBACK, self.port, timeout=TIMEOUT)

    def post(
        self,
        sent: object,
        key: str,
        headers: Mapping[str, str] = {},
        *,
        chunks: Iterable[bytes] | None = None,
    ) -> Response:
        """Post a document, or raw bytes, or chunks without a length."""
        body: Any = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
        said = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", **headers}
        client = self.connect()
        try:
            client.request("POST", PATH, chunks or body, said, encode_chunked=chunks is not None)
            return answer(client)
        finally:
            client.close()


def answer(client: http.client.HTTPConnection) -> Response:
    """The answer to the request that was sent on a connection."""
    got = client.getresponse()
    headers = {name.lower(): value for name, value in got.getheaders()}
    return Response(status=got.status, headers=headers, body=got.read())


@contextmanager
def running(database_url: str, **environment: str) -> Iterator[Web]:
    """A web process that is up, and gone afterwards."""
    web = Web(database_url, **environment)
    try:
        wait_until(web.answers, "the web process", TIMEOUT)
        yield web
    finally:
        web.stop()


@contextmanager
def on_test_database() -> Iterator[Web]:
    """A web process on this run's test database: a test reads what it stored, and the other way round."""
    name = str(connection.settings_dict["NAME"])
    server = os.environ["DATABASE_URL"].rpartition("/")[0]
    with running(f"sqlite:///{name}" if connection.vendor == "sqlite" else f"{server}/{name}") as web:
        yield web
