"""A real HTTP server that keeps every batch posted to it and answers as it is told."""

import gzip
import json
import threading
import time
from collections import deque
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

ACCEPTED = 202
PATIENCE = 60.0  # seconds that a test waits for what must come


@dataclass(frozen=True, kw_only=True)
class Post:
    """One request as it arrived."""

    at: float
    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def batch(self) -> dict[str, Any]:
        batch: dict[str, Any] = json.loads(gzip.decompress(self.raw))
        return batch


class Collector:
    """Answers 202 unless it was given other answers, which it uses up first."""

    def __init__(self) -> None:
        self.posts: list[Post] = []
        self._answers: deque[tuple[int, dict[str, str], bytes]] = deque()
        self._changed = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, status: int, body: dict[str, Any] | None = None, **headers: str) -> None:
        """Give the next request this answer."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        self._answers.append((status, fields, json.dumps(body or {}).encode()))

    def wait_for(self, kind: str, count: int = 1, **fields: Any) -> list[dict[str, Any]]:
        """The events of a kind with these fields, once there are `count` of them."""

        def found() -> list[dict[str, Any]]:
            return [event for event in self.events(kind) if fields.items() <= event.items()]

        with self._changed:
            if not self._changed.wait_for(lambda: len(found()) >= count, PATIENCE):
                got = [event["kind"] for event in self.events()]
                raise AssertionError(f"{len(found())} of {count} {kind} {fields} among {got}")
        return found()

    def ends(self, socket: str) -> list[dict[str, Any]]:
        """What was told so far about the end of one socket."""
        ends = [*self.events("socket.ended"), *self.events("socket.rejected")]
        return [event for event in ends if event.get("socket") == socket]

    def wait_for_end(self, socket: str) -> list[dict[str, Any]]:
        """The ends of one socket, once there is one."""
        with self._changed:
            assert self._changed.wait_for(lambda: bool(self.ends(socket)), PATIENCE), f"no end of {socket}"
        return self.ends(socket)

    def wait_for_posts(self, count: int) -> list[Post]:
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.posts) >= count, PATIENCE):
                raise AssertionError(f"{len(self.posts)} posts, not {count}")
            return list(self.posts)

    def events(self, kind: str = "") -> list[dict[str, Any]]:
        """Everything posted so far, in order of arrival, once for each time it was posted."""
        events = [event for post in list(self.posts) for event in post.batch["events"]]
        return [event for event in events if event["kind"].startswith(kind)]

    def boots(self) -> dict[str, list[str]]:
        """Kinds of events by boot id."""
        kinds: dict[str, list[str]] = {}
        for post in list(self.posts):
            batch = post.batch
            kinds.setdefault(batch["boot"]["id"], []).extend(event["kind"] for event in batch["events"])
        return kinds

    def _take(self, post: Post) -> tuple[int, dict[str, str], bytes]:
        with self._changed:
            self.posts.append(post)
            answer = self._answers.popleft() if self._answers else (ACCEPTED, {}, b'{"rejected": []}')
            self._changed.notify_all()
        return answer

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                post = Post(at=time.monotonic(), path=self.path, headers=dict(self.headers), raw=raw)
                status, headers, body = collector._take(post)
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: object) -> None:
                """Keep the test output readable."""

        return Handler
