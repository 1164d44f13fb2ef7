"""Two web processes and two workers on one PostgreSQL and one Redis: nothing lost, nothing twice."""

import itertools
import os
import random
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import psycopg
import pytest
from psycopg import sql

from dashboard.celery import app
from ingest.receive.publish import CORRELATE
from tests.deployments.installation import PATIENCE, Installation, Web, installed, wait_until_ready
from tests.engines import Postgres, wait_until
from tests.ingest.batches import Document, document, race

pytestmark = pytest.mark.integration

SENDERS = 8  # at once
BOOTS = 16
POOL = 3  # connections of each process
PROCESSES = 5  # two web processes, two workers, beat
# Without the promise to report: then nothing of these boots is decided by time alone.
EVENTS = [event for event in race() if event["kind"] != "alive"]
COUNTS = {"sockets": 6, "failed": 3, "false_starts": 2}
DERIVED = ("ingest_boot", "ingest_phase", "ingest_check", "ingest_socket", "ingest_tally", "ingest_event")


@pytest.fixture(scope="module")
def database(postgres: Postgres) -> Iterator[str]:
    """A database of this module's own."""
    with postgres.empty_database() as url:
        yield url


@pytest.fixture(scope="module")
def installation(
    database: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """An installation with nothing running yet."""
    settings = {"DATABASE_URL": database, "REDIS_URL": redis_url, "DATABASE_POOL_SIZE": str(POOL)}
    with installed(tmp_path_factory.mktemp("processes"), **settings) as installation:
        yield installation


@pytest.fixture(scope="module")
def webs(installation: Installation) -> list[Web]:
    """Two web processes with two workers and beat behind them."""
    webs = [installation.web(), installation.web()]
    installation.worker()
    installation.worker()
    installation.beat()
    wait_until_ready(*webs)
    return webs


def at_once(calls: Sequence[Callable[[], object]]) -> list[object]:
    """Call all of them from several threads."""
    with ThreadPoolExecutor(SENDERS) as pool:
        return list(pool.map(lambda call: call(), calls))


def halves(boot: str) -> list[Document]:
    """A boot's events in two batches."""
    middle = len(EVENTS) // 2
    return [document(part, boot=boot) for part in (EVENTS[:middle], EVENTS[middle:])]


def rows(database: str, boots: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every column of every row about the boots whose names begin like this."""
    with psycopg.connect(database) as client:
        return {
            table: client.execute(
                sql.SQL(
                    "SELECT part.* FROM {} part JOIN ingest_boot boot ON boot.id = part.{}"
                    " WHERE boot.ident LIKE {} ORDER BY part.id"
                ).format(
                    sql.Identifier(table),
                    sql.Identifier("id" if table == "ingest_boot" else "boot_id"),
                    sql.Literal(f"{boots}-%"),
                )
            ).fetchall()
            for table in DERIVED
        }


def settled(web: Web, boots: int) -> bool:
    """Whether so many boots are known, and what happened to each."""
    return [boot["counts"] for boot in web.boots().values()] == [COUNTS] * boots


def test_what_both_are_told_twice_is_stored_once_and_shown_alike(webs: list[Web], database: str) -> None:
    boots = [f"twice-{number}" for number in range(BOOTS)]
    sent = [(web, half) for boot in boots for half in halves(boot) for web in webs for _ in range(2)]
    random.Random(7).shuffle(sent)  # noqa: S311 - an order, no secret
    assert set(at_once([partial(web.post, half) for web, half in sent])) == {202}
    wait_until(lambda: settled(webs[0], BOOTS), "every boot to be correlated", PATIENCE)
    assert webs[0].boots() == webs[1].boots()
    found = rows(database, "twice")
    assert {table: len(found[table]) for table in DERIVED} == {
        "ingest_boot": BOOTS,
        "ingest_phase": 7 * BOOTS,
        "ingest_check": BOOTS,
        "ingest_socket": 6 * BOOTS,
        "ingest_tally": BOOTS,
        "ingest_event": len(EVENTS) * BOOTS,
    }


def test_work_that_is_handed_out_again_changes_no_row(webs: list[Web], database: str) -> None:
    before = rows(database, "twice")
    keys = [row[0] for row in before["ingest_boot"]]
    for _ in range(4):
        app.send_task(CORRELATE, args=[keys])
    # They wait in line before these.
    for boot in ("behind-0", "behind-1"):
        assert webs[0].post(document(EVENTS, boot=boot)) == 202
        wait_until(partial(webs[1].correlated, boot), boot, PATIENCE)
    assert rows(database, "twice") == before


def test_no_process_takes_more_connections_than_its_pool_has(webs: list[Web], database: str) -> None:
    most = 0
    done = threading.Event()

    def count() -> None:
        nonlocal most
        with psycopg.connect(database, autocommit=True) as client:
            others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"
            while not done.is_set():
                row = client.execute(others, [client.info.backend_pid]).fetchone()
                most = max(most, row[0] if row else 0)

    counting = threading.Thread(target=count)
    counting.start()
    sent = [document(EVENTS, boot=f"pooled-{number}") for number in range(20)]
    pairs = [(web.boots, partial(web.post, one)) for web, one in zip(itertools.cycle(webs), sent)]
    at_once([call for pair in pairs for call in pair])
    done.set()
    counting.join()
    assert (most > 0, most <= POOL * PROCESSES) == (True, True)


def test_a_restart_of_postgresql_is_survived_by_every_process(
    webs: list[Web], database: str, postgres: Postgres
) -> None:
    postgres.kill()
    states = webs[0].states()
    postgres.start()
    assert (states["status"], states["database"], states["migrations"]) == ("not ready", "away", "unknown")
    wait_until_ready(*webs)
    for number, web in enumerate(webs):
        assert web.post(document(EVENTS, boot=f"restarted-{number}")) == 202
    wait_until(lambda: webs[0].boots()["restarted-1"]["counts"] == COUNTS, "correlation to go on", PATIENCE)
    assert len(rows(database, "twice")["ingest_boot"]) == BOOTS


def test_what_was_acknowledged_outlives_a_web_process_and_a_worker(
    installation: Installation, webs: list[Web], database: str
) -> None:
    """Last, since one of each is missing afterwards."""
    acknowledged: list[str] = []
    numbers = itertools.count()
    stop = threading.Event()

    def report() -> None:
        while not stop.is_set():
            boot = f"killed-{next(numbers)}"
            # As behind a balancer: what one process does not answer, the other one gets.
            for web in random.sample(webs, 2):
                if web.post(document(EVENTS, boot=boot)) == 202:
                    acknowledged.append(boot)
                    break

    senders = [threading.Thread(target=report) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    wait_until(lambda: len(acknowledged) > SENDERS, "reports before the kill", PATIENCE)
    for process in (webs[0].process, installation.processes[2]):
        os.kill(process.pid, signal.SIGKILL)
    seen = len(acknowledged)
    wait_until(lambda: len(acknowledged) > seen + 2 * SENDERS, "reports after the kill", PATIENCE)
    stop.set()
    for sender in senders:
        sender.join()

    left = webs[1]
    with psycopg.connect(database, autocommit=True) as client:
        undone = "SELECT count(*) FROM ingest_boot WHERE correlated_revision < revision"
        wait_until(lambda: client.execute(undone).fetchone() == (0,), "all to be correlated", PATIENCE)
    assert left.states()["worker"] == "ok"
    stored = left.boots()
    assert [boot for boot in acknowledged if stored.get(boot, {}).get("counts") != COUNTS] == []
