"""`python -m tests.bench`: how fast events are accepted durably over HTTP, beside the database alone.

Before that, how much memory the embedded product holds at rest; after it, what the probe costs its host.
Exit code 1 where the ratio at the largest batch on PostgreSQL, or that of a socket message with the probe,
misses its limit.
"""

import contextlib
import itertools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench import product, traffic
from tests.bench.client import Connection, post_all
from tests.bench.figures import Round, line, median_ratio, table
from tests.bench.peers import Peer, PostgresPeer, SqlitePeer
from tests.engines import Postgres, Valkey, wait_until
from tests.memory import LIMIT as MEMORY_LIMIT
from tests.probe.processes import environment
from tests.product import Product

CONNECTIONS = 8
ROUNDS = 7
SHARE = 35.0  # seconds for an engine's rounds: a busy machine gets fewer of them
BATCHES = {1: 50, 50: 20, 1_000: 5}  # that each connection posts in a round, by events a batch
WARM_UP = 3  # batches on each connection, not measured
LIMIT, GOAL = 0.3, 0.6  # of the peer's rate, at `JUDGED`
JUDGED = ("PostgreSQL", 1_000)

Measured = dict[tuple[str, int], list[Round]]


def main() -> int:
    """Measure both engines, print the table, and judge it."""
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}")
    print(
        f"{CONNECTIONS} keep-alive connections, {ROUNDS} rounds; minimum - median - maximum of the rounds\n"
    )
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="falsestart-bench-")))
        valkey, postgres = Valkey(), Postgres()
        stack.callback(valkey.stop)
        stack.callback(postgres.stop)
        print(_at_rest(home / "embedded"))
        measured = _on_sqlite(home, valkey.start()) | _on_postgres(home, postgres, valkey.start())
    print("\n" + table(line(*key, rounds) for key, rounds in measured.items()))
    print(f"\nEvery acknowledged event was found in the table. {time.monotonic() - began:.0f} s.")
    return max(_judge(median_ratio(measured[JUDGED])), _probe())


def _probe() -> int:
    """In a process of its own, whose memory is measured."""
    print("\nThe probe")
    command = [sys.executable, "-m", "tests.bench.overhead"]
    return subprocess.run(command, env=environment(), stderr=subprocess.DEVNULL, check=False).returncode


def _at_rest(home: Path) -> str:
    """Start the embedded product, and say what all of it holds when it has nothing to do."""
    whole = Product(home)
    try:
        whole.wait_until_up()
        wait_until(lambda: whole.readiness() == "ready", "the embedded product")
        found = whole.memory()
    finally:
        whole.process.kill()
        whole.process.wait()
    return (
        f"Embedded at rest, {found.processes} processes: {found.rss / 1e6:.0f} MB resident, of it"
        f" {found.pss / 1e6:.0f} MB once what they share is counted once (limit {MEMORY_LIMIT / 1e6:.0f}).\n"
    )


def _on_sqlite(home: Path, redis: str) -> Measured:
    path = f"{home}/events.sqlite3"
    with product.running(home, f"sqlite:///{path}", redis) as (port, key):
        return _measure("SQLite", port, key, SqlitePeer(path))


def _on_postgres(home: Path, postgres: Postgres, redis: str) -> Measured:
    postgres.start()
    with postgres.empty_database() as url, product.running(home, url, redis) as (port, key):
        return _measure("PostgreSQL", port, key, PostgresPeer(url))


def _measure(engine: str, port: int, key: str, peer: Peer) -> Measured:
    """Rounds of every size in turn, so that a slow minute of the machine is shared by all of them."""
    print(f"{engine}: peer {peer.statement}; {peer.describe()}")
    measured: Measured = {(engine, size): [] for size in BATCHES}
    ending = time.monotonic() + SHARE
    with _connections(port, key) as connections:
        for size in BATCHES:
            _round(f"warm-{size}", size, WARM_UP, connections, peer)
        for number in itertools.takewhile(lambda n: not n or time.monotonic() < ending, range(ROUNDS)):
            for size, batches in BATCHES.items():
                done = _round(f"round-{number}-{size}", size, batches, connections, peer)
                measured[engine, size].append(done)
    print(f"  {len(measured[engine, size])} rounds of each size")
    return measured


@contextlib.contextmanager
def _connections(port: int, key: str) -> Iterator[list[Connection]]:
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(Connection(port, key)) for _ in range(CONNECTIONS)]


def _round(name: str, size: int, batches: int, connections: list[Connection], peer: Peer) -> Round:
    """The product first, then its peer with the very rows that the product stored."""
    lanes = [traffic.lane(f"{name}.{number}", size, batches) for number in range(len(connections))]
    sent = post_all(connections, lanes)
    _check(f"{name}: the product", size * batches * len(lanes), sent.events, peer.stored(name))
    peer.prepare(name, size)
    seconds = peer.write()
    _check(f"{name}: the peer", sent.events, peer.stored(f"twin-{name}"))
    return Round(events=sent.events, seconds=sent.seconds, peer_seconds=seconds, latencies=sent.latencies)


def _check(what: str, *counts: int) -> None:
    if len(set(counts)) != 1:
        message = f"{what} lost or invented events: {counts}"
        raise AssertionError(message)


def _judge(ratio: float) -> int:
    engine, size = JUDGED
    verdict = "meets" if ratio >= LIMIT else "is BELOW"
    print(f"{engine}, {size:,} a batch: {ratio:.2f} of its peer {verdict} the limit {LIMIT} (goal {GOAL}).")
    return 0 if ratio >= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
