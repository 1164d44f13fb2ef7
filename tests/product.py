"""The whole product as a process of its own, as `make up` starts it, for tests that use it as people do."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.error import URLError

from dashboard.management.up.valkey import find_server
from tests.engines import LOOPBACK, pick_port, wait_until
from tests.memory import Memory, resident

ROOT = Path(__file__).parents[1]
PORTS = range(30_000, 32_000)
CONFIGURED = (
    "DATABASE_URL", "REDIS_URL", "BROKER_URL", "SECRET_KEY", "DEBUG", "HOST",
    "FALSESTART_ENDPOINT", "FALSESTART_KEY",
)  # fmt: skip
START_TIMEOUT = 120.0  # seconds, on a machine that is busy with other tests
SERVER = find_server() or Path("valkey-server")
# The last part of a word in their command lines.
MARKS = {"valkey": SERVER.name, "web": "daphne", "worker": "worker", "beat": "beat"}
PASSWORD = re.compile(r"sign in as admin with the password (\S+)")


def any_ends(words: list[str], mark: str) -> bool:
    """Whether one of the words ends like this."""
    return any(word.endswith(mark) for word in words)


class Product:
    """The product in a state directory of its own, with what it printed."""

    def __init__(self, home: Path, port: int | None = None, **environment: str) -> None:
        """Start it; it is not ready yet."""
        self.port = port or pick_port(PORTS)
        self.log = home.parent / f"{self.port}.log"
        own = {"FALSESTART_HOME": str(home), "PORT": str(self.port), **environment}
        self.environment = {k: v for k, v in os.environ.items() if k not in CONFIGURED} | own
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=output,
            )

    @property
    def printed(self) -> str:
        """Everything that it printed so far."""
        return self.log.read_text()

    @property
    def url(self) -> str:
        """Where it is, without a slash at the end."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def password(self) -> str:
        """What it printed at its first start."""
        return str(PASSWORD.findall(self.printed)[0])

    def manage(self, *arguments: str) -> str:
        """What a management command of this product prints on standard output."""
        command = [sys.executable, "manage.py", *arguments]
        ran = subprocess.run(
            command, cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True
        )
        return ran.stdout.strip()

    def kill(self, name: str) -> None:
        """Kill one of its processes with -9, and wait until the supervisor has replaced it."""
        before = self.children()[name]
        os.kill(before, signal.SIGKILL)
        wait_until(lambda: self.children().get(name, before) != before, f"a new {name}", START_TIMEOUT)

    def children(self) -> dict[str, int]:
        """The process ids of what it started, by name."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        lines = {int(pid): Path(f"/proc/{pid}/cmdline").read_text() for pid in listed.split()}
        words = {pid: re.split(r"[\0 ]", line) for pid, line in lines.items()}
        return {name: pid for name, mark in MARKS.items() for pid in words if any_ends(words[pid], mark)}

    def status(self) -> int:
        """What `GET /readyz` answers; 0 for nothing."""
        try:
            with urllib.request.urlopen(f"http://{LOOPBACK}:{self.port}/readyz", timeout=2) as answer:
                return int(answer.status)
        except (URLError, OSError):
            return 0

    def readiness(self) -> str:
        """The status in `GET /readyz`; empty for no answer."""
        try:
            with urllib.request.urlopen(
                f"http://{LOOPBACK}:{self.port}/readyz", timeout=START_TIMEOUT
            ) as answer:
                return str(json.load(answer)["status"])
        except (URLError, OSError):
            return ""

    def memory(self) -> Memory:
        """What all of it holds now: the supervisor and what it started."""
        return resident(self.process.pid, *self.children().values())

    def wait_until_up(self) -> "Product":
        """Wait until everything of the first round is ready."""
        wait_until(
            lambda: self.process.poll() is not None or "is up at" in self.printed,
            "the product",
            START_TIMEOUT,
        )
        assert self.process.poll() is None, self.printed
        return self

    def end(self, number: signal.Signals) -> int:
        """Signal the supervisor, wait for its end, return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(START_TIMEOUT)
