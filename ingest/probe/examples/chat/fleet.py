"""The instances of a release, as server processes, and the rollout that replaces them one at a time."""

import asyncio
import contextlib
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .lifeline import die_with
from .releases import RELEASES

PROBE = Path(__file__).resolve().parents[2]  # where `falsestart` and `examples` are imported from
APP = "examples.chat.app:app"
LOOPBACK = "127.0.0.1"

BOOT_LIMIT = 60.0  # s until a new instance's port must accept
STOP_LIMIT = 5.0  # s between SIGTERM and SIGKILL in a rollout
END_LIMIT = 2.5  # s between SIGTERM and SIGKILL when everything ends
POLL = 0.05  # s between two looks at a process or a port
SHIFT = 0.5  # s between the last client sent to an instance and its SIGTERM
STAGGER = (2.0, 3.0)  # s between two replacements
FIRST_STAGGER = (0.5, 0.8)  # s between two instances when there is nothing to replace

SERVERS = {
    "uvicorn": ("uvicorn", APP, "--log-level=warning", "--timeout-graceful-shutdown=2", "--host", LOOPBACK),
    "gunicorn": ("gunicorn", APP, "--config=python:examples.chat.gunicorn_conf"),
    "daphne": ("daphne", APP, "--verbosity=0", "--bind", LOOPBACK),
}


class BootError(RuntimeError):
    """A new instance did not open its port."""


@dataclass(kw_only=True, slots=True)
class Instance:
    """One server process on one port; under gunicorn, a master with its worker."""

    name: str
    release: str
    port: int
    process: subprocess.Popen[bytes]
    folder: tempfile.TemporaryDirectory[str]
    """The process's log and temporary files."""
    launched: float = field(default_factory=time.monotonic)
    """On the monotonic clock, in seconds."""

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    async def accepts(self) -> bool:
        """Ask as a TCP startup probe does: connect, and send nothing."""
        try:
            _, writer = await asyncio.open_connection(LOOPBACK, self.port)
        except OSError:
            return False
        writer.close()
        return True

    async def wait_for_port(self) -> float:
        """Wait until the port accepts, and return how long that took since launch, in seconds."""
        for _ in range(int(BOOT_LIMIT / POLL)):
            if not self.alive:
                raise BootError(self.last_words())
            if await self.accepts():
                return time.monotonic() - self.launched
            await asyncio.sleep(POLL)
        raise BootError(f"{self.name} did not open its port within {BOOT_LIMIT:.0f} s")

    def last_words(self) -> str:
        log = (Path(self.folder.name) / "log").read_text(errors="replace").strip()
        return f"{self.name} exited with {self.process.returncode}: {log[-500:]}"

    def ask_to_stop(self) -> None:
        if self.alive:
            self.process.terminate()

    async def stop(self, limit: float = STOP_LIMIT) -> None:
        """Stop in an orderly way, and by force after `limit` seconds."""
        self.ask_to_stop()
        for _ in range(int(limit / POLL)):
            if not self.alive:
                break
            await asyncio.sleep(POLL)
        self.kill()

    def kill(self) -> None:
        """Kill what is left of the process group: a master may leave its worker behind."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.folder.cleanup()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def launch(
    release: str, environment: dict[str, str], *, port: int | None = None, server: str | None = None
) -> Instance:
    """Start one instance of a release, on its own server or another, and return at once."""
    name, port = f"chat-{release}-{secrets.token_hex(2)}", port or free_port()
    folder = tempfile.TemporaryDirectory(prefix=f"{name}-")
    server = server or RELEASES[release].server
    where = ("--bind", f"{LOOPBACK}:{port}") if server == "gunicorn" else ("--port", str(port))
    driver = os.getpid()
    with (Path(folder.name) / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *SERVERS[server], *where],
            cwd=PROBE,
            env=os.environ | environment | {"RELEASE": release, "INSTANCE": name, "TMPDIR": folder.name},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            process_group=0,
            preexec_fn=lambda: die_with(driver),  # noqa: PLW1509 -- this process has no threads
        )
    return Instance(name=name, release=release, port=port, process=process, folder=folder)


class Fleet:
    """The instances that clients know, oldest first."""

    def __init__(self, size: int, environment: dict[str, str], say: Callable[[str, str], None]) -> None:
        self.size = size
        self.known: list[Instance] = []
        self._leaving: list[Instance] = []
        self._environment = environment
        self._say = say

    async def roll_out(self, release: str) -> None:
        """Replace every instance by one of `release`, one at a time."""
        if not self.known:
            await self._begin(release)
            return
        for old in tuple(self.known):
            await self._boot(release)
            await self._retire(old)
            await asyncio.sleep(random.uniform(*STAGGER))

    async def _begin(self, release: str) -> None:
        async with asyncio.TaskGroup() as boots:
            for _ in range(self.size):
                boots.create_task(self._boot(release))
                await asyncio.sleep(random.uniform(*FIRST_STAGGER))

    async def _boot(self, release: str) -> None:
        """Start an instance that clients know from its first moment, and wait for its port."""
        new = launch(release, self._environment)
        self.known.append(new)
        try:
            took = await new.wait_for_port()
        except BootError as error:
            self._say(release, f"{error}; starting another")
            self.known.remove(new)
            new.kill()
            await self._boot(release)
            return
        self._say(release, f"{new.name} accepts connections on port {new.port} after {took:.1f} s")

    async def _retire(self, old: Instance) -> None:
        """Send no more clients to an instance, then stop it."""
        self.known.remove(old)
        self._leaving.append(old)
        await asyncio.sleep(SHIFT)
        await old.stop()
        self._leaving.remove(old)

    async def stop(self) -> None:
        """Stop everything, all at once."""
        everything = self.known + self._leaving
        await asyncio.gather(*(instance.stop(END_LIMIT) for instance in everything))
        self.known.clear()
        self._leaving.clear()
