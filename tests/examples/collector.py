"""A small but real HTTP server in the place of Falsestart: takes batches, and keeps them."""

import gzip
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

KEY = "fs_test"
POLL = 0.02  # s between two looks

Event = dict[str, Any]


class Receiver(BaseHTTPRequestHandler):
    """POST /api/v1/batches with the right key, gzip or not."""

    protocol_version = "HTTP/1.1"
    server: "Collector"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        if (self.path, self.headers["Authorization"]) != ("/api/v1/batches", f"Bearer {KEY}"):
            self.answer(401, {"title": "Unauthorized"})
            return
        batch = json.loads(body)
        self.server.batches.append(batch)
        self.answer(202, {"accepted": len(batch["events"]), "duplicates": 0, "rejected": []})

    def answer(self, status: int, body: dict[str, object]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the parent's name for it
        """Keep the test's output quiet."""


class Collector(ThreadingHTTPServer):
    """Listens while it is entered, on a port of its own."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.batches: list[dict[str, Any]] = []
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    @property
    def environment(self) -> dict[str, str]:
        """What a service's environment needs to report here."""
        return {"FALSESTART_ENDPOINT": f"http://127.0.0.1:{self.server_port}", "FALSESTART_KEY": KEY}

    def events(self, kind: str) -> list[Event]:
        """Return the events of one kind in the order of their boot."""
        found = [event for batch in tuple(self.batches) for event in batch["events"] if event["kind"] == kind]
        return sorted(found, key=lambda event: int(event["seq"]))

    def wait_for(self, kind: str, within: float = 10.0, **fields: object) -> Event:
        """Return the first event of a kind with these fields; fail after `within` seconds."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            for event in self.events(kind):
                if fields.items() <= event.items():
                    return event
            time.sleep(POLL)
        raise AssertionError(f"No {kind} with {fields}, only {self.events(kind)}")
