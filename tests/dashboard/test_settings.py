"""The settings come from the environment alone, refuse junk with a sentence, and are what the README says."""

import re
import runpy
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from dashboard import stores

ROOT = Path(__file__).parent.parent.parent
SOURCE = ROOT / "dashboard" / "settings.py"
READERS = r"\b(?:text|switch|number|choice|names|origins|networks|base_path)\("
STARTUP = ROOT / "dashboard" / "startup.py"
# The probe reads these two by itself.
OWN_REPORT = {"FALSESTART_ENDPOINT", "FALSESTART_KEY"}
READ = "".join(path.read_text() for path in (SOURCE, STARTUP))
VARIABLES = set(re.findall(READERS + r'"([A-Z_]+)"', READ)) | OWN_REPORT
DOCUMENTED = dict(re.findall(r"^\| `([A-Z_]+)` \| (.+?) \|", (ROOT / "README.md").read_text(), re.MULTILINE))

KEY = "k" * 50
SWITCHES = "1, true, yes, on, 0, false, no, off"
ORIGINS = "origins such as https://falsestart.example.com"
NETWORKS = "addresses and networks separated by commas, such as 10.0.0.7,10.1.0.0/16,fd00::/8"
OWN = "the addresses of your own proxies"
REDIS, DATABASE, AMQP = stores.REDIS_FORM, stores.DATABASE_FORM, stores.AMQP_FORM
POSTGRES = "postgres://someone:hidden@db.example:5432/falsestart"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state directory that does not exist yet, in an environment that sets nothing else."""
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("FALSESTART_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def settings(monkeypatch: pytest.MonkeyPatch, **variables: str) -> dict[str, Any]:
    """The settings as a process with these variables would read them."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(SOURCE))


def test_the_readme_documents_every_variable_and_no_other() -> None:
    """Both ways: nothing hidden, nothing gone."""
    assert set(DOCUMENTED) == VARIABLES


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("variable", ["HOST", "PORT", "LOG_LEVEL", "LOG_FORMAT", "WORKER_THREADS"])
def test_the_readme_knows_the_defaults(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    """A default that changed silently would be believed."""
    assert DOCUMENTED[variable] == f"`{settings(monkeypatch)[variable]}`"


@pytest.mark.usefixtures("home")
def test_the_readme_knows_which_hosts_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """By default only this machine's own names."""
    assert DOCUMENTED["ALLOWED_HOSTS"] == f"`{','.join(settings(monkeypatch)['ALLOWED_HOSTS'])}`"


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("variable", "value", "problem", "accepted"),
    [
        ("PORT", "0", "is '0'", "a whole number from 1 to 65535"),
        ("PORT", "http", "is 'http'", "a whole number from 1 to 65535"),
        ("WORKER_THREADS", "65", "is '65'", "a whole number from 1 to 64"),
        ("DATABASE_POOL_SIZE", "-1", "is '-1'", "a whole number from 1 to 100"),
        ("DEBUG", "perhaps", "is 'perhaps', which is neither on nor off", SWITCHES),
        ("BEHIND_TLS", "maybe", "is 'maybe', which is neither on nor off", SWITCHES),
        ("LOG_LEVEL", "loud", "is 'loud'", "one of DEBUG, INFO, WARNING, ERROR"),
        ("LOG_FORMAT", "xml", "is 'xml'", "one of text, json"),
        (
            "ALLOWED_HOSTS",
            "a/b",
            "contains 'a/b', which is not a host name",
            "host names separated by commas",
        ),
        ("CSRF_TRUSTED_ORIGINS", "https://a/b", "contains 'https://a/b'", ORIGINS),
        ("TRUSTED_PROXIES", "proxy", "contains 'proxy', which is no network", NETWORKS),
        ("TRUSTED_PROXIES", "10.0.0.1/8", "contains '10.0.0.1/8', which is no network", NETWORKS),
        ("TRUSTED_PROXIES", "10.0.0.0/8,1", "contains '1', which is no network", NETWORKS),
        ("TRUSTED_PROXIES", "0.0.0.0/0", "contains '0.0.0.0/0', which is everybody", OWN),
        ("TRUSTED_PROXIES", "::/0", "contains '::/0', which is everybody", OWN),
        ("PROXY_HEADERS", "x-real-ip", "is 'x-real-ip'", "one of x-forwarded, forwarded"),
        ("BASE_PATH", "falsestart", "is 'falsestart'", "a path such as /falsestart"),
        ("BASE_PATH", "/a//b", "is '/a//b'", "a path such as /falsestart"),
        ("BASE_PATH", "/a/../b", "is '/a/../b'", "a path such as /falsestart"),
        ("BASE_PATH", "/a b", "is '/a b'", "a path such as /falsestart"),
        ("BASE_PATH", "https://a/b", "is 'https://a/b'", "a path such as /falsestart"),
        ("SECRET_KEY", "short", "has 5 characters", "at least 32 random characters"),
        ("REDIS_URL", "http://:hidden@cache", "is not a Redis address", REDIS),
        ("REDIS_URL", "redis://:hidden@cache:port/0", "is not a Redis address", REDIS),
        ("REDIS_URL", "sentinel://:hidden@cache:26379/0", "is not a Redis address", REDIS),
        ("BROKER_URL", "redis://:hidden@cache/0", "is not the address of a RabbitMQ", AMQP),
        (
            "DATABASE_URL",
            "mysql://a:hidden@db/name",
            "is not the address of a database that is supported",
            DATABASE,
        ),
        (
            "DATABASE_URL",
            "postgres://a:hidden@db",
            "is not the address of a database that is supported",
            DATABASE,
        ),
        ("DATABASE_URL", "postgres://a:hidden@db:port/name", "cannot be read as an address", DATABASE),
        ("DATABASE_URL", "sqlite://:memory:", "cannot be read as an address", DATABASE),
        (
            "FALSESTART_HOME",
            "/dev/null/home",
            "cannot be written",
            "a directory of the account that runs the product",
        ),
    ],
)
def test_junk_is_refused_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, problem: str, accepted: str
) -> None:
    """It names the variable and what is accepted, and repeats no value that may hold a secret."""
    with pytest.raises(ImproperlyConfigured) as refusal:
        settings(monkeypatch, **{"SECRET_KEY": KEY, variable: value})
    assert str(refusal.value) == f"{variable} {problem}; accepted is {accepted}."


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("given", [{"DATABASE_URL": POSTGRES}, {"REDIS_URL": "redis://cache.example/0"}])
def test_a_real_deployment_has_to_bring_its_key(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str]
) -> None:
    """Two web processes with keys of their own would not know each other's sessions."""
    with pytest.raises(ImproperlyConfigured) as refusal:
        settings(monkeypatch, **given)
    problem = "SECRET_KEY is not set although DATABASE_URL or REDIS_URL is"
    assert str(refusal.value) == f"{problem}; accepted is at least 32 random characters."


def test_without_any_variable_the_product_is_embedded(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite in the state directory, and only this machine may look."""
    found = settings(monkeypatch)
    assert (found["EMBEDDED"], found["EMBEDDED_REDIS"], found["DEBUG"]) == (True, True, False)
    assert found["DATABASES"]["default"]["NAME"] == str(home / "falsestart.sqlite3")


def test_the_embedded_mode_keeps_a_key_of_its_own(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made once, in a directory and a file that nobody else can read."""
    first, second = (settings(monkeypatch)["SECRET_KEY"] for _ in range(2))
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (home, home / "secret_key")]
    assert (first == second, len(first) >= 32, modes) == (True, True, [0o700, 0o600])


def test_the_embedded_redis_is_found_by_its_kept_address(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command finds the server that the supervisor of this state directory started."""
    home.mkdir()
    (home / "redis.url").write_text("redis://:password@127.0.0.1:4711/0")
    found = settings(monkeypatch)
    assert found["CELERY_BROKER_URL"] == found["REDIS"].url == "redis://:password@127.0.0.1:4711/0"


@pytest.mark.usefixtures("home")
def test_postgres_is_used_through_a_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kept connection for each thread would leak with every request under ASGI."""
    found = settings(
        monkeypatch, DATABASE_URL=POSTGRES + "?sslmode=require", SECRET_KEY=KEY, DATABASE_POOL_SIZE="3"
    )
    default = found["DATABASES"]["default"]
    assert (default["ENGINE"], default["CONN_MAX_AGE"]) == ("django.db.backends.postgresql", 0)
    assert default["OPTIONS"] == {
        "connect_timeout": 5,
        "sslmode": "require",
        "pool": {"min_size": 1, "max_size": 3, "timeout": 5},
    }


@pytest.mark.usefixtures("home")
def test_rabbitmq_carries_the_tasks_where_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hints to the pages stay with Redis, and nothing that only Redis knows is asked of RabbitMQ."""
    found = settings(monkeypatch, BROKER_URL="amqp://someone:hidden@rabbit.example:5672/falsestart")
    assert found["CELERY_BROKER_URL"] == "amqp://someone:hidden@rabbit.example:5672/falsestart"
    assert found["CELERY_WORKER_DISABLE_PREFETCH"] is False
    assert found["CHANNEL_LAYERS"]["default"]["CONFIG"]["hosts"] == ["redis://127.0.0.1:6379/0"]


@pytest.mark.usefixtures("home")
def test_sqlite_waits_for_its_writer_and_commits_to_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when its path is given."""
    found = settings(monkeypatch, DATABASE_URL="sqlite:////var/lib/falsestart.sqlite3", SECRET_KEY=KEY)
    default = found["DATABASES"]["default"]
    assert (default["NAME"], default["OPTIONS"]["transaction_mode"], default["OPTIONS"]["timeout"]) == (
        "/var/lib/falsestart.sqlite3",
        "IMMEDIATE",
        10,
    )
    assert default["OPTIONS"]["init_command"].startswith("PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;")


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(("value", "secure", "seconds"), [("off", False, 0), ("on", True, 31_536_000)])
def test_cookies_and_pages_are_bound_to_https_behind_tls(
    monkeypatch: pytest.MonkeyPatch, value: str, secure: bool, seconds: int
) -> None:
    """Without TLS a browser would not send them back at all."""
    found = settings(monkeypatch, BEHIND_TLS=value, TRUSTED_PROXIES="10.0.0.7")
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS")
    assert [found[name] for name in names] == [secure, secure, secure, seconds]


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("given", "problem", "accepted"),
    [
        (
            {},
            "TRUSTED_PROXIES is not set although BEHIND_TLS is on, so nobody is believed to come by HTTPS",
            "the addresses of the proxy that ends TLS",
        ),
        (
            {"TRUSTED_PROXIES": "10.0.0.7", "DEBUG": "on"},
            "DEBUG is on although BEHIND_TLS is, so that others reach its error pages",
            "off",
        ),
        (
            {"TRUSTED_PROXIES": "10.0.0.7", "CSRF_TRUSTED_ORIGINS": "https://a.example,http://b.example"},
            "CSRF_TRUSTED_ORIGINS contains 'http://b.example' although BEHIND_TLS is on",
            "origins that begin with https://",
        ),
    ],
)
def test_settings_that_contradict_each_other_are_refused(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], problem: str, accepted: str
) -> None:
    """Each alone would be right."""
    with pytest.raises(ImproperlyConfigured) as refusal:
        settings(monkeypatch, BEHIND_TLS="on", **given)
    assert str(refusal.value) == f"{problem}; accepted is {accepted}."


@pytest.mark.usefixtures("home")
def test_everything_moves_below_the_base_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cookies too, so that the host's other pages are not sent them."""
    found = settings(monkeypatch, BASE_PATH="/tools/falsestart/")
    names = ("FORCE_SCRIPT_NAME", "SESSION_COOKIE_PATH", "CSRF_COOKIE_PATH", "STATIC_URL")
    assert [found[name] for name in names] == [*["/tools/falsestart"] * 3, "/tools/falsestart/static/"]


@pytest.mark.usefixtures("home")
def test_without_a_base_path_cookies_are_for_the_whole_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty path would be the path of the page that set them."""
    found = settings(monkeypatch)
    names = ("FORCE_SCRIPT_NAME", "SESSION_COOKIE_PATH", "CSRF_COOKIE_PATH", "STATIC_URL")
    assert [found[name] for name in names] == [None, "/", "/", "/static/"]
