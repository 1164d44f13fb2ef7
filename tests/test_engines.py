"""The engines that the other tests rest on."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis
from django.contrib.auth.models import User
from django.db import connection

from tests.engines import Postgres, Valkey, lives, wait_until

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parent.parent

RUN_THAT_IS_KILLED = """
import sys, time
from tests.engines import Postgres, Valkey
engines = Valkey(), Postgres()
for engine in engines:
    engine.start()
print(*(engine.process.pid for engine in engines), *(engine.directory for engine in engines), flush=True)
time.sleep(600)
"""


def test_a_killed_valkey_keeps_what_it_acknowledged() -> None:
    """Its append-only file reaches the kernel with every command."""
    engine = Valkey()
    with redis.Redis.from_url(engine.start()) as client:
        client.set("kept", "yes")
        engine.kill()
        engine.start()
        assert client.get("kept") == b"yes"
    engine.stop()


def test_postgres_writes_to_the_disk_before_it_acknowledges(postgres_url: str) -> None:
    """A test of durability on a database that does not sync would prove nothing."""
    with psycopg.connect(postgres_url) as client:
        assert client.execute("SHOW fsync").fetchone() == ("on",)


def test_each_empty_database_is_a_new_one(postgres: Postgres) -> None:
    """Tests that start their own processes cannot meet each other's rows."""
    with postgres.empty_database() as first, postgres.empty_database() as second:
        assert first != second


@pytest.mark.django_db
def test_the_run_uses_the_database_it_was_told_to(database_engine: str) -> None:
    """The vendor is that of the option."""
    User.objects.create(username="someone")
    assert connection.vendor == {"sqlite": "sqlite", "postgres": "postgresql"}[database_engine]


@pytest.mark.django_db
def test_sqlite_runs_as_in_production(database_engine: str) -> None:
    """WAL and full synchronisation also hold for the test database."""
    if database_engine != "sqlite":
        pytest.skip("about SQLite")
    with connection.cursor() as cursor:
        found = [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert found == ["wal", 2]


def test_engines_do_not_outlive_a_run_that_is_killed() -> None:
    """kill -9 gives a run no chance to clean up; the kernel does it."""
    run = subprocess.Popen([sys.executable, "-c", RUN_THAT_IS_KILLED], cwd=ROOT, stdout=subprocess.PIPE)
    with run.stdout as output:  # type: ignore[union-attr]
        valkey, postgres, *directories = output.readline().decode().split()
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    pids = int(valkey), int(postgres)
    wait_until(lambda: not any(lives(pid) for pid in pids), "the engines to end")
    for directory in directories:
        shutil.rmtree(directory)
