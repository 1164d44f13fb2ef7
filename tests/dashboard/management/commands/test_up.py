"""`manage.py up`, for real: the whole product starts, heals, stops, and leaves nothing behind."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

import pytest

from dashboard.management.up.valkey import find_server
from tests.engines import LOOPBACK, lives, pick_port, wait_until

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[4]
PORTS = range(30_000, 32_000)
CONFIGURED = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DEBUG", "HOST")
START_TIMEOUT = 60.0  # seconds, on a machine that is busy with other tests
SERVER = find_server() or Path("valkey-server")
# The last part of a word in their command lines.
MARKS = {"valkey": SERVER.name, "web": "daphne", "worker": "worker", "beat": "beat"}
PASSWORD = re.compile(r"sign in as admin with the password (\S+)")


def any_ends(words: list[str], mark: str) -> bool:
    """Whether one of the words ends like this."""
    return any(word.endswith(mark) for word in words)


class Product:
    """The product in a state directory of its own, with what it printed."""

    def __init__(self, home: Path, port: int | None = None) -> None:
        """Start it; it is not ready yet."""
        self.port = port or pick_port(PORTS)
        self.log = home.parent / f"{self.port}.log"
        environment = {name: value for name, value in os.environ.items() if name not in CONFIGURED}
        environment |= {"FALSESTART_HOME": str(home), "PORT": str(self.port)}
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up"], cwd=ROOT, env=environment, stdout=output, stderr=output
            )

    @property
    def printed(self) -> str:
        """Everything that it printed so far."""
        return self.log.read_text()

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


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One state directory for all tests, which therefore also see a second start."""
    return tmp_path_factory.mktemp("up") / "home"


@pytest.fixture
def product(home: Path) -> Iterator[Product]:
    """The product, up."""
    product = Product(home)
    try:
        yield product.wait_until_up()
    finally:
        product.process.kill()
        product.process.wait()


def test_one_command_runs_everything_and_stops_it_again(home: Path, product: Product) -> None:
    """Ready, private, able to heal, alone on its directory; then a clean end with nothing left."""
    assert product.status() == 200
    assert len(PASSWORD.findall(product.printed)) == 1
    assert stat.S_IMODE(home.stat().st_mode) == 0o700

    second = Product(home)
    assert second.process.wait(START_TIMEOUT) == 1
    assert f"Falsestart already runs on the state directory {home}" in second.printed

    before = product.children()
    os.kill(before["worker"], signal.SIGKILL)
    wait_until(lambda: product.children().get("worker", before["worker"]) != before["worker"], "a new worker")
    assert "worker was ended by SIGKILL; it starts again in 0.5 s" in product.printed

    children = product.children()
    assert set(children) == {"valkey", "web", "worker", "beat"}
    assert product.end(signal.SIGTERM) == 0
    assert [name for name, pid in children.items() if lives(pid)] == []


def test_a_supervisor_that_is_killed_takes_everything_along(product: Product) -> None:
    """The kernel does it. The password was shown at the first start only."""
    children = product.children()
    assert set(children) == {"valkey", "web", "worker", "beat"}
    assert PASSWORD.findall(product.printed) == []
    product.end(signal.SIGKILL)
    wait_until(lambda: not any(map(lives, children.values())), "every child to end")


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    """With a way out, before anything is started."""
    with socket.create_server((LOOPBACK, 0)) as other:
        port = other.getsockname()[1]
        refused = Product(tmp_path / "home", port)
        assert refused.process.wait(START_TIMEOUT) == 1
    sentence = (
        f"Port {port} on 127.0.0.1 is taken by another program or not allowed. "
        f"Choose another one, for example: PORT={port + 1} python manage.py up"
    )
    assert refused.printed.strip().splitlines()[-1] == f"CommandError: {sentence}"
