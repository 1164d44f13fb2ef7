"""Several keep-alive connections that post prepared bodies: the least that a client can do."""

import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import msgspec

from tests.engines import LOOPBACK

PATIENCE = 60.0  # seconds for one answer
ACCEPTED = 202


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """What became of a round of posts."""

    events: int  # Acknowledged as stored.
    seconds: float  # From the first post to the last answer.
    latencies: tuple[float, ...]  # Seconds, one a post.


class Connection:
    """One keep-alive connection. A general HTTP client would cost more than what it measures."""

    def __init__(self, port: int, key: str) -> None:
        """Connect."""
        self._socket = socket.create_connection((LOOPBACK, port), timeout=PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._answers = self._socket.makefile("rb")
        self._head = (
            f"POST /api/v1/batches HTTP/1.1\r\nHost: {LOOPBACK}:{port}\r\nAuthorization: Bearer {key}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        ).encode()

    def __enter__(self) -> Self:
        """Give the connection to a block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._answers.close()
        self._socket.close()

    def request(self, body: bytes) -> bytes:
        """The bytes of a post, to be made beforehand."""
        return self._head + b"%d\r\n\r\n" % len(body) + body

    def post(self, request: bytes) -> int:
        """Send one prepared request and return how many events were acknowledged."""
        self._socket.sendall(request)
        status = int(self._answers.readline().split()[1])
        length = 0
        while (line := self._answers.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        content = self._answers.read(length)
        if status != ACCEPTED:
            message = f"the receiver answered {status}: {content.decode(errors='replace')}"
            raise ValueError(message)
        return int(msgspec.json.decode(content)["accepted"])


class _Lane(threading.Thread):
    """Posts one connection's bodies, one after another."""

    def __init__(self, connection: Connection, bodies: Sequence[bytes], start: threading.Barrier) -> None:
        super().__init__(daemon=True)
        self._connection = connection
        self._requests = [connection.request(body) for body in bodies]
        self._gun = start
        self.latencies: list[float] = []
        self.events = 0
        self.error: BaseException | None = None

    def run(self) -> None:
        self._gun.wait()
        try:
            for request in self._requests:
                began = time.perf_counter()
                self.events += self._connection.post(request)
                self.latencies.append(time.perf_counter() - began)
        except (OSError, ValueError) as error:
            self.error = error


def post_all(connections: Sequence[Connection], lanes: Sequence[Sequence[bytes]]) -> Sent:
    """Post every lane on its own connection at once. Raises what a connection ran into."""
    start = threading.Barrier(len(lanes) + 1)
    threads = [_Lane(c, bodies, start) for c, bodies in zip(connections, lanes, strict=True)]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    for error in (thread.error for thread in threads if thread.error):
        raise error
    return Sent(
        events=sum(thread.events for thread in threads),
        seconds=seconds,
        latencies=tuple(latency for thread in threads for latency in thread.latencies),
    )
