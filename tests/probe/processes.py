"""Real processes: a Python script with the probe, and a server that is up when it answers."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).resolve().parents[2]
PATH = os.pathsep.join([str(ROOT / "ingest" / "probe"), str(ROOT), os.environ.get("PYTHONPATH", "")])
PATIENCE = 60.0  # seconds


def environment(**extra: str) -> dict[str, str]:
    """The environment of a child that can import the probe and the tests."""
    return {**os.environ, "PYTHONPATH": PATH, "PYTHONWARNINGS": "ignore", **extra}


def run_python(code: str, *, code_of_exit: int = 0, **extra: str) -> str:
    """What a script prints; it must end with `code_of_exit`, negative for a signal."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(**extra),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr if done.returncode != code_of_exit else "") == (code_of_exit, "")
    return done.stdout


def free_port() -> int:
    """A port that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A server process; leaving the block ends it and its workers."""

    def __init__(self, *command: str, port: int, **extra: str) -> None:
        self.port = port
        self._command = [sys.executable, "-m", *command]
        self._environment = environment(**extra)

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            self._command,
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The whole group: the workers of a pre-fork server outlive a master that is killed.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def wait_until_it_listens(self) -> Self:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            assert self.process.poll() is None, f"ended with {self.process.returncode}"
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1.0):
                return self
            # Nothing tells of a bind in another process: look again until the deadline.
            time.sleep(0.02)
        raise AssertionError("it does not listen")

    def terminate(self) -> int:
        """Send SIGTERM; the exit code, negative for a signal."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)
