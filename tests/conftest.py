"""A run of the tests: its own state directory, its engines, and the database it is about.

`pytest` runs everything on SQLite. `pytest --database postgres` runs only the tests that use a database, on
PostgreSQL. Django is set up here and not by pytest-django's ini option, because the settings come from
the environment only, and this is the first moment at which the environment can be prepared.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from django.conf import settings

from tests.engines import Postgres, Valkey

SQLITE, POSTGRES = "sqlite", "postgres"
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup", "database_url", "live_server"}
DATABASE_MARK = "django_db"

ENGINES = pytest.StashKey[tuple[Valkey, Postgres]]()
HOME = pytest.StashKey[Path]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The choice of the database."""
    parser.addoption(
        "--database",
        choices=(SQLITE, POSTGRES),
        default=SQLITE,
        help="sqlite: run every test; postgres: run the tests that use a database, on PostgreSQL",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Prepare the environment, then let Django read it."""
    if only_hands_out(config):
        return  # Its workers would inherit its engines' addresses, and Django would read those.
    home = Path(tempfile.mkdtemp(prefix="falsestart-home-"))
    valkey, postgres = Valkey(), Postgres()
    config.stash[HOME], config.stash[ENGINES] = home, (valkey, postgres)
    on_postgres = config.getoption("--database") == POSTGRES
    os.environ.update(
        DJANGO_SETTINGS_MODULE="dashboard.settings",
        FALSESTART_HOME=str(home),
        SECRET_KEY="a key for tests only, long enough to be one",
        REDIS_URL=valkey.url,
        DATABASE_URL=postgres.url("falsestart") if on_postgres else f"sqlite:///{home}/falsestart.sqlite3",
    )
    use_a_file_for_the_test_database(home)
    # A password takes a production hasher half a second; no test is about that. Processes keep theirs.
    settings.PASSWORD_HASHERS = [
        f"django.contrib.auth.hashers.{name}PasswordHasher" for name in ("MD5", "PBKDF2")
    ]
    django.setup()


def only_hands_out(config: pytest.Config) -> bool:
    """Whether this process runs no test itself: pytest-xdist's workers do, each with engines of its own."""
    return bool(config.getoption("numprocesses", None)) and not hasattr(config, "workerinput")


def use_a_file_for_the_test_database(home: Path) -> None:
    """SQLite tests would run in memory, where neither WAL nor a second process exists."""
    if "sqlite" in settings.DATABASES["default"]["ENGINE"]:
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(home / "test.sqlite3")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind."""
    for engine in config.stash.get(ENGINES, ()):
        engine.stop()
    if home := config.stash.get(HOME, None):
        shutil.rmtree(home, ignore_errors=True)


def uses_a_database(item: pytest.Item) -> bool:
    """Whether the test's outcome may depend on the database."""
    fixtures = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker(DATABASE_MARK) is not None or bool(fixtures & DATABASE_FIXTURES)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL keep only what the SQLite run does not already prove; the longest tests begin first."""
    items.sort(key=lambda item: item.get_closest_marker("e2e") is None)
    if config.getoption("--database") != POSTGRES:
        return
    dropped = [item for item in items if not uses_a_database(item)]
    items[:] = [item for item in items if uses_a_database(item)]
    config.hook.pytest_deselected(items=dropped)


@pytest.fixture(scope="session")
def valkey(pytestconfig: pytest.Config) -> Valkey:
    """The session's Redis-compatible server, running; a test that kills it starts it again."""
    engine = pytestconfig.stash[ENGINES][0]
    engine.start()
    return engine


@pytest.fixture(scope="session")
def redis_url(valkey: Valkey) -> str:
    """The address of the running Redis-compatible server, which is also that of the settings."""
    return valkey.url


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> Postgres:
    """The session's PostgreSQL, running."""
    engine = pytestconfig.stash[ENGINES][1]
    engine.start()
    return engine


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """An empty PostgreSQL database of the test's own, also in a run on SQLite."""
    with postgres.empty_database() as url:
        yield url


@pytest.fixture(scope="session")
def database_engine(pytestconfig: pytest.Config) -> str:
    """The database of this run: `sqlite` or `postgres`."""
    return str(pytestconfig.getoption("--database"))


@pytest.fixture
def database_url(request: pytest.FixtureRequest, database_engine: str, tmp_path: Path) -> Iterator[str]:
    """An empty database of the run's engine for a test that starts processes of its own."""
    with contextlib.ExitStack() as stack:
        if database_engine == POSTGRES:
            engine: Postgres = request.getfixturevalue("postgres")
            yield stack.enter_context(engine.empty_database())
        else:
            yield f"sqlite:///{tmp_path}/database.sqlite3"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request: pytest.FixtureRequest, database_engine: str) -> None:
    """Start PostgreSQL before Django creates its test database there."""
    if database_engine == POSTGRES:
        request.getfixturevalue("postgres")
