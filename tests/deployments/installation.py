"""One installation as an operator would run it: any number of its processes, each started by itself."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from dashboard.management.up.leash import leash
from tests.engines import LOOPBACK, pick_port, wait_until
from tests.ingest.batches import Document

ROOT = Path(__file__).parents[2]
PORTS = range(32_000, 32_700)
PATIENCE = 90.0  # seconds for anything to happen, on a machine that is busy with other tests
# One process for all that an installation begins with: a start costs more than what it does.
BEGINNING = """
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from ingest.store import keys
call_command("migrate", verbosity=0)
client = Client()
client.force_login(User.objects.create_superuser("admin"), "django.contrib.auth.backends.ModelBackend")
print(keys.create("write"), keys.create("read"), client.cookies["falsestart_session"].value)
"""


class Installation:
    """The processes on one database and one broker."""

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        """Make the database; nothing runs yet."""
        self.directory = directory
        own = {"FALSESTART_HOME": str(directory / "home"), **environment}
        self.environment = {**os.environ, **own}
        self.processes: list[subprocess.Popen[bytes]] = []
        self.webs: list[Web] = []
        command = [sys.executable, "manage.py", "shell", "--no-imports", "--command", BEGINNING]
        made = subprocess.run(
            command, cwd=ROOT, env=self.environment, check=True, stdout=subprocess.PIPE, text=True
        )
        self.write_key, self.read_key, self.session = made.stdout.split()

    def web(self) -> "Web":
        """Start a web process; it is not ready yet."""
        port = pick_port(PORTS)
        address = ("-b", LOOPBACK, "-p", str(port), "-v", "0", "--no-server-name")
        process = self._run(f"web-{port}", "daphne", *address, "dashboard.asgi:application")
        self.webs.append(Web(self, process, port))
        return self.webs[-1]

    def worker(self) -> "subprocess.Popen[bytes]":
        """Start a worker."""
        size = ("--pool", "threads", "--concurrency", "2", "--without-gossip")
        name = f"worker-{len(self.processes)}"
        return self._celery(name, "worker", *size, "--hostname", f"{name}@%h")

    def beat(self) -> "subprocess.Popen[bytes]":
        """Start beat."""
        return self._celery("beat", "beat", "--pidfile", "")

    def logged(self) -> str:
        """What all processes printed."""
        return "".join(f"== {path.name}\n{path.read_text()}" for path in sorted(self.directory.glob("*.log")))

    def stop(self) -> None:
        """End all of it at once."""
        for web in self.webs:
            web.close()
        for process in self.processes:
            process.kill()
            process.wait()

    def _celery(self, name: str, *arguments: str) -> "subprocess.Popen[bytes]":
        return self._run(name, "celery", "--app", f"dashboard.{arguments[0]}", "--quiet", *arguments)

    def _run(self, name: str, *module: str) -> "subprocess.Popen[bytes]":
        with (self.directory / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-u", "-m", *module],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                preexec_fn=leash(),  # noqa: PLW1509 - it only calls the kernel
            )
        self.processes.append(process)
        return process


class Web:
    """A web process, and its clients."""

    def __init__(self, installation: Installation, process: "subprocess.Popen[bytes]", port: int) -> None:
        """Take what was started."""
        self.process = process
        self.place = f"{LOOPBACK}:{port}"
        self._installation = installation
        self._client = httpx.Client(base_url=f"http://{self.place}", timeout=PATIENCE)

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def states(self) -> dict[str, str]:
        """What `/readyz` says of the whole and of each check, in words; empty where nothing answers."""
        try:
            document = self._get("/readyz", "").json()
        except httpx.TransportError:
            return {}
        checks = {name: check["state"] for name, check in document["checks"].items()}
        return {"status": document["status"]} | checks

    def post(self, sent: Document) -> int:
        """Post a batch; its status, or 0 where nothing answered."""
        try:
            key = self._installation.write_key
            answer = self._client.post(
                "/api/v1/batches", json=sent, headers={"Authorization": f"Bearer {key}"}
            )
        except httpx.TransportError:
            return 0
        return answer.status_code

    def boots(self, **query: str) -> dict[str, dict[str, Any]]:
        """The boots that the read API lists, by name."""
        answer = self._get("/api/v1/boots", self._installation.read_key, limit="500", **query)
        return {boot["id"]: boot for boot in answer.raise_for_status().json()["items"]}

    def correlated(self, boot: str) -> bool:
        """Whether the failures of a boot that raced are known."""
        found = self.boots().get(boot)
        return found is not None and found["counts"] == {"sockets": 6, "failed": 3, "false_starts": 2}

    @contextmanager
    def watched(self, page: str) -> Iterator["Viewer"]:
        """Open a page's live socket, as a browser of somebody who signed in."""
        with connect(
            f"ws://{self.place}/live/?page={page}",
            additional_headers={"Cookie": f"falsestart_session={self._installation.session}"},
            origin=Origin(f"http://{self.place}"),
            open_timeout=PATIENCE,
            max_size=None,
        ) as frames:
            yield Viewer(frames)

    def _get(self, path: str, key: str, **query: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return self._client.get(path, params=query, headers=headers)


class Viewer:
    """Somebody who looks at a live page."""

    def __init__(self, frames: ClientConnection) -> None:
        """Take the open socket."""
        self._frames = frames

    def wait_for(self, text: str) -> None:
        """Read frames until one shows this."""
        while text not in str(self._frames.recv(timeout=PATIENCE)):
            pass


@contextmanager
def installed(directory: Path, **environment: str) -> Iterator[Installation]:
    """An installation that is gone afterwards; what its processes said is shown where a test fails."""
    installation = Installation(directory, environment)
    try:
        yield installation
    except BaseException:
        print(installation.logged())  # noqa: T201 - pytest shows it
        raise
    finally:
        installation.stop()


def wait_until_ready(*webs: Web) -> None:
    """Wait until each says that everything is there, workers and beat too."""

    def ready() -> bool:
        return all(web.states().get("status") == "ready" for web in webs)

    wait_until(ready, "every process", PATIENCE)
