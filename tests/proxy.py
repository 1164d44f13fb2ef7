"""A small reverse proxy on a loopback port: it strips a path, and says who asked, as others' proxies do."""

import contextlib
import selectors
import socket
import threading
from collections.abc import Iterator

from tests.engines import LOOPBACK, pick_port

PORTS = range(28_000, 29_000)
CHUNK = 65_536  # bytes
TIMEOUT = 60.0  # s for the head of a request


class Proxy:
    """Passes requests below `prefix` on to a port, without that prefix; nothing else is there."""

    def __init__(self, target: int, prefix: str) -> None:
        """Listen; connections are served in threads of their own."""
        self.target = target
        self.prefix = prefix
        self.port = pick_port(PORTS)
        self._listener = socket.create_server((LOOPBACK, self.port))
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        """Where a browser finds what is behind it, without a slash at the end."""
        return f"http://{LOOPBACK}:{self.port}{self.prefix}"

    def close(self) -> None:
        """Listen no more."""
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, (peer, _) = self._listener.accept()
                threading.Thread(target=self._pass_on, args=(client, peer), daemon=True).start()

    def _pass_on(self, client: socket.socket, peer: str) -> None:
        with client, contextlib.suppress(OSError):
            client.settimeout(TIMEOUT)
            head, _, rest = _until_blank_line(client).partition(b"\r\n\r\n")
            rewritten = self._rewritten(head, peer)
            if rewritten is None:
                client.sendall(b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
                return
            with socket.create_connection((LOOPBACK, self.target), timeout=TIMEOUT) as server:
                server.sendall(rewritten + b"\r\n\r\n" + rest)
                _copy_both_ways(client, server)

    def _rewritten(self, head: bytes, peer: str) -> bytes | None:
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, version = first.split(" ")
        if not path.startswith(f"{self.prefix}/"):
            return None
        kept = [line for line in lines if not line.lower().startswith("x-forwarded-")]
        if not any(line.lower().startswith("upgrade:") for line in lines):
            # One request a connection: its end is the end of the answer.
            kept = [line for line in kept if not line.lower().startswith("connection:")]
            kept.append("Connection: close")
        host = next(line for line in lines if line.lower().startswith("host:")).partition(":")[2].strip()
        told = [f"X-Forwarded-For: {peer}", "X-Forwarded-Proto: http", f"X-Forwarded-Host: {host}"]
        return "\r\n".join([f"{method} {path.removeprefix(self.prefix)} {version}", *kept, *told]).encode(
            "latin-1"
        )


def _until_blank_line(client: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        chunk = client.recv(CHUNK)
        if not chunk:
            raise ConnectionError
        head += chunk
    return head


def _copy_both_ways(client: socket.socket, server: socket.socket) -> None:
    other = {client: server, server: client}
    with selectors.DefaultSelector() as selector:
        for one in other:
            one.settimeout(None)
            selector.register(one, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                chunk = key.fileobj.recv(CHUNK)  # type: ignore[union-attr]
                if not chunk:
                    return
                other[key.fileobj].sendall(chunk)  # type: ignore[index]


@contextlib.contextmanager
def proxy(target: int, prefix: str) -> Iterator[Proxy]:
    """A proxy in front of a port, gone afterwards."""
    made = Proxy(target, prefix)
    try:
        yield made
    finally:
        made.close()
