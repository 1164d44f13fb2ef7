"""The product under test: Daphne with the whole application, on a database of its own."""

import contextlib
import http.client
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from dashboard.management.up.leash import leash
from tests.engines import LOOPBACK, STOP_TIMEOUT, pick_port, wait_until

ROOT = Path(__file__).parents[2]
PORTS = range(30_000, 32_000)  # below those that outgoing connections take
READY = 200


def environment(home: Path, database: str, redis: str, port: int) -> dict[str, str]:
    """The product's settings: those of an installation, but for its addresses."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "FALSESTART_HOME": str(home),
        "DATABASE_URL": database,
        "REDIS_URL": redis,
        "SECRET_KEY": "a key for measuring only, long enough to be one",
        "HOST": LOOPBACK,
        "PORT": str(port),
        "LOG_LEVEL": "WARNING",
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
    }


def manage(command: str, *arguments: str, env: Mapping[str, str]) -> str:
    """Run one of the product's commands and return what it printed."""
    line = [sys.executable, str(ROOT / "manage.py"), command, *arguments]
    return subprocess.run(line, env=env, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


@contextlib.contextmanager
def running(home: Path, database: str, redis: str) -> Iterator[tuple[int, str]]:
    """Migrate, start the web process, and give its port and a key to write with."""
    port = pick_port(PORTS)
    env = environment(home, database, redis, port)
    manage("migrate", "--verbosity", "0", env=env)
    key = manage("create_key", "--scope", "write", env=env).strip()
    options = ["-b", LOOPBACK, "-p", str(port), "-v", "0", "--no-server-name"]
    process = subprocess.Popen(
        [sys.executable, "-m", "daphne", *options, "dashboard.asgi:application"],
        env=env,
        cwd=ROOT,
        preexec_fn=leash(),  # noqa: PLW1509 - it only calls the kernel
    )
    try:
        wait_until(lambda: _ready(process, port), "the web process")
        yield port, key
    finally:
        _end(process)


def _ready(process: "subprocess.Popen[bytes]", port: int) -> bool:
    if process.poll() is not None:
        message = f"the web process ended with exit code {process.returncode}"
        raise RuntimeError(message)
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=1)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == READY
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
