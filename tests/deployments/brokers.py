"""What a deployment may carry its messages with, run for real: Redis under sentinels, and RabbitMQ."""

import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from redis import Redis

from dashboard.management.up.leash import leash
from dashboard.management.up.valkey import MISSING, configuration, find_server
from tests.engines import LOOPBACK, Engine, pick_port, wait_until

PORTS = range(18_000, 20_000)  # below and apart from those of the other engines
START_TIMEOUT = 60.0  # seconds
SENTINELS = 3
QUORUM = 2
DOWN_AFTER = 500  # ms without an answer, after which a sentinel takes the primary for dead
MASTER = "falsestart"
NO_RABBITMQ = "no rabbitmq-server here: RabbitMQ as the broker stays untested"


class Server(Engine):
    """A program of its own on a loopback port."""

    def __init__(
        self,
        command: Sequence[str | Path],
        port: int,
        *,
        stdin: bytes = b"",
        environment: Mapping[str, str] = {},
    ) -> None:
        """Nothing runs yet."""
        self.command = command
        self.port = port
        self.stdin = stdin
        self.environment = dict(environment) or None

    def start(self, answers: Callable[[], object] | None = None) -> None:
        """Start it, and wait until it answers; by default until it listens."""
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self.environment,
            preexec_fn=leash(),  # noqa: PLW1509 - it only calls the kernel
        )
        with self.process.stdin as stdin:  # type: ignore[union-attr]
            stdin.write(self.stdin)
        wait_until(answers or self.listens, f"port {self.port}", START_TIMEOUT)

    def listens(self) -> bool:
        """Whether somebody accepts connections there."""
        try:
            socket.create_connection((LOOPBACK, self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def send(self, number: signal.Signals) -> None:
        """Signal it."""
        assert self.process is not None
        self.process.send_signal(number)


class Watched:
    """A primary, its replica, and three sentinels that put the replica in the place of a dead primary."""

    def __init__(self) -> None:
        """Choose addresses and passwords; nothing runs yet."""
        program = find_server()
        if program is None:
            raise FileNotFoundError(MISSING)
        self.directory = Path(tempfile.mkdtemp(prefix="falsestart-sentinels-"))
        self.password, self.sentinel_password = secrets.token_hex(8), secrets.token_hex(8)
        self.primary, self.replica = self._server(program, 0), self._server(program, 1)
        self.replica.stdin += f"replicaof {LOOPBACK} {self.primary.port}\n".encode()
        self.sentinels = [self._sentinel(program, number) for number in range(SENTINELS)]

    @property
    def url(self) -> str:
        """The address of the whole, as `REDIS_URL` takes it."""
        places = ",".join(f"{LOOPBACK}:{sentinel.port}" for sentinel in self.sentinels)
        return f"sentinel://:{self.password}@{places}/0?master={MASTER}"

    def start(self) -> None:
        """Start everything, and wait until a failover would work."""
        self.primary.start()
        self.replica.start(lambda: self._says(self.replica, "master_link_status", "up"))
        for sentinel in self.sentinels:
            sentinel.start()
        for sentinel in self.sentinels:
            wait_until(partial(self._knows_everybody, sentinel), "the sentinels to meet")

    def stop(self) -> None:
        """End everything, and remove its data."""
        for server in (*self.sentinels, self.replica, self.primary):
            server.kill()
        shutil.rmtree(self.directory)

    def failed_over(self) -> bool:
        """Whether the replica is the primary now."""
        return self._says(self.replica, "role", "master")

    def _server(self, program: Path, number: int) -> Server:
        directory = self.directory / str(number)
        directory.mkdir()
        port = pick_port(PORTS)
        lines = configuration(port=port, directory=directory, password=self.password)
        return Server([program, "-"], port, stdin=lines + f"masterauth {self.password}\n".encode())

    def _sentinel(self, program: Path, number: int) -> Server:
        port = pick_port(PORTS)
        # In a file, since a sentinel writes there what it learns.
        path = self.directory / f"sentinel-{number}.conf"
        path.write_text(
            f"bind {LOOPBACK}\nport {port}\ndir {self.directory}\nrequirepass {self.sentinel_password}\n"
            f"sentinel sentinel-pass {self.sentinel_password}\n"
            f"sentinel monitor {MASTER} {LOOPBACK} {self.primary.port} {QUORUM}\n"
            f"sentinel auth-pass {MASTER} {self.password}\n"
            f"sentinel down-after-milliseconds {MASTER} {DOWN_AFTER}\n"
            f"sentinel failover-timeout {MASTER} 5000\n"
        )
        return Server([program, path, "--sentinel"], port)

    def _says(self, server: Server, name: str, value: str) -> bool:
        try:
            with Redis(host=LOOPBACK, port=server.port, password=self.password) as client:
                return bool(client.info("replication").get(name) == value)
        except OSError:
            return False

    def _knows_everybody(self, sentinel: Server) -> bool:
        with Redis(host=LOOPBACK, port=sentinel.port, password=self.sentinel_password) as client:
            known = client.sentinel_masters()[MASTER]
        return (known["num-other-sentinels"], known["num-slaves"]) == (SENTINELS - 1, 1)


def rabbitmq_program() -> Path | None:
    """The start script of RabbitMQ itself; Debian's on PATH would change to an account of its own."""
    found = [Path("/usr/lib/rabbitmq/bin/rabbitmq-server"), shutil.which("rabbitmq-server")]
    return next((Path(path) for path in found if path and Path(path).is_file()), None)


class RabbitMQ:
    """A RabbitMQ node with its own name service, all of it in a directory of its own."""

    def __init__(self, program: Path) -> None:
        """Choose addresses; nothing runs yet."""
        self.directory = Path(tempfile.mkdtemp(prefix="falsestart-rabbitmq-"))
        port, distribution, names = (pick_port(PORTS) for _ in range(3))
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.directory),  # For the cookie by which Erlang's nodes know each other.
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "ERL_EPMD_PORT": str(names),
            "RABBITMQ_NODENAME": f"falsestart-{port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": LOOPBACK,
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_MNESIA_BASE": str(self.directory),
            "RABBITMQ_LOG_BASE": str(self.directory),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.directory / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(self.directory / "none"),
            "RABBITMQ_PID_FILE": str(self.directory / "pid"),
            # In the foreground, and the script itself becomes the server.
            "RUNNING_UNDER_SYSTEMD": "true",
        }
        # Erlang would start one that outlives the run.
        self.names = Server(["epmd"], names, environment=environment)
        self.node = Server([program], port, environment=environment)
        self.url = f"amqp://guest:guest@{LOOPBACK}:{port}//"

    def start(self) -> None:
        """Start it, and wait until it speaks AMQP."""
        if not self.names.running:
            self.names.start()
        self.node.start(self.answers)

    def answers(self) -> bool:
        """Whether it answers the first word of a client."""
        try:
            with socket.create_connection((LOOPBACK, self.node.port), timeout=1) as client:
                client.sendall(b"AMQP\0\0\x09\x01")
                return client.recv(1) == b"\x01"
        except OSError:
            return False

    def kill(self) -> None:
        """Kill the node with -9, as a crash would."""
        self.node.kill()

    def stop(self) -> None:
        """End everything, and remove its data."""
        self.node.kill()
        self.names.kill()
        shutil.rmtree(self.directory)
