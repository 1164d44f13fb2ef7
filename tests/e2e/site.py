"""A site with a strict content policy, a server that takes reports, and WebSockets that end in every way."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from tests.engines import LOOPBACK, wait_until

MODULE = Path(__file__).parents[2] / "ingest" / "probe" / "js" / "falsestart.js"
PAGE = b"<!doctype html><meta charset=utf-8><title>A page</title><link rel=icon href=data:,><p>Hello.</p>"
PATIENCE = 30.0  # s for a report to come in

Event = dict[str, Any]


@dataclass(kw_only=True)
class Received:
    """One request to take a batch."""

    query: str
    headers: dict[str, str]
    batch: Event

    @property
    def events(self) -> list[Event]:
        """What it tells."""
        return list(self.batch["events"])


@dataclass
class Reports:
    """What was sent, and how the next requests are answered: 202 unless something else is named."""

    received: list[Received] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def events(self, kind: str) -> list[Event]:
        """The events of a kind in order of arrival, each once, as the server would keep them."""
        told = {
            (one.batch["reporter"]["name"], event["id"]): event
            for one in tuple(self.received)
            for event in one.events
        }
        return [event for event in told.values() if event["kind"] == kind]

    def ended(self, number: int = 1) -> list[Event]:
        """So many ends, once they are told."""
        wait_until(lambda: len(self.events("socket.ended")) >= number, f"{number} ends", PATIENCE)
        return self.events("socket.ended")


class Site(ThreadingHTTPServer):
    """`GET` of the page and the module, `POST` of batches from any origin."""

    daemon_threads = True

    def __init__(self, policy: str = "default-src 'none'") -> None:
        """Listen on a port that the kernel gives."""
        super().__init__((LOOPBACK, 0), _Visit)
        self.policy = policy
        self.reports = Reports()

    @property
    def url(self) -> str:
        """Where it is, without a slash at the end."""
        return f"http://{LOOPBACK}:{self.server_port}"


class _Visit(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Site

    def do_GET(self) -> None:
        if self.path == "/falsestart.js":
            self._answer(200, MODULE.read_bytes(), "text/javascript")
        else:
            self._answer(200, PAGE, "text/html")

    def do_OPTIONS(self) -> None:
        self._answer(200, b"", "text/plain")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = urlsplit(self.path).query
        reports = self.server.reports
        status = reports.statuses.pop(0) if reports.statuses else 202
        reports.received.append(Received(query=query, headers=headers, batch=json.loads(body)))
        self._answer(status, b"{}", "application/json")

    def _answer(self, status: int, content: bytes, media_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", self.server.policy)
        self.send_header("Access-Control-Allow-Origin", self.headers.get("Origin", "*"))
        self.send_header("Access-Control-Allow-Headers", "Authorization, Content-Type")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name for it
        """Keep the test's output quiet."""


class Sockets:
    """WebSockets by path: `/echo`, `/close/<code>`, `/break` without a close frame, `/refuse`."""

    def __init__(self) -> None:
        """Listen on a port that the kernel gives."""
        self.asked: list[str] = []  # Paths with their queries.
        self.server = serve(self._serve, LOOPBACK, 0, process_request=self._decide, compression=None)
        self.port = self.server.socket.getsockname()[1]

    def _decide(self, connection: ServerConnection, request: Request) -> Response | None:
        self.asked.append(request.path)
        return connection.respond(403, "no\n") if request.path.startswith("/refuse") else None

    def _serve(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        _, kind, *code = urlsplit(connection.request.path).path.split("/")
        if kind == "close":
            connection.close(int(code[0]), "as asked")
        elif kind == "break":
            connection.socket.close()
        else:
            for message in connection:
                connection.send(message)


@contextmanager
def listening(server: Any) -> Iterator[None]:
    """Serve in a thread of its own."""
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
