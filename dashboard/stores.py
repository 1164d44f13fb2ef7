"""Where rows, messages and hints go: addresses become settings, or are refused with a sentence.

A sentence never repeats an address, which may hold a password.
"""

import re
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import environ
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import Sentinel

from dashboard.environment import refuse

SQLITE_BUSY_TIMEOUT = 10  # seconds a writer waits for the one write lock
POSTGRES_CONNECT_TIMEOUT = 5  # seconds
BROKER_TIMEOUT = 1.0  # seconds; publishing is a hint, the row is the promise
AMQP_HEARTBEAT = 10.0  # seconds after which a worker and RabbitMQ miss each other
BROKER_VISIBILITY = 60  # seconds until the task of a killed worker is handed out again
SENTINEL_PORT = 26_379  # where sentinels listen by default

POSTGRES_SCHEMES = ("postgres", "postgresql")
REDIS_SCHEMES = ("redis", "rediss")
AMQP_SCHEMES = ("amqp", "amqps")
HOST = r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?"
SENTINELS = re.compile(
    r"sentinel://(?:(?P<username>[^:@/]*):(?P<password>[^:@/]*)@)?"
    rf"(?P<hosts>{HOST}(?:,{HOST})*)(?:/(?P<database>[0-9]{{0,4}}))?\?master=(?P<master>[A-Za-z0-9._-]+)"
)

DATABASE_FORM = "postgres://user:password@host:port/name or sqlite:////absolute/path"
REDIS_FORM = (
    "redis://[:password@]host[:port]/database, rediss:// or "
    "sentinel://[[user]:password@]host[:port],host[:port]/database?master=name"
)
AMQP_FORM = "amqp://user:password@host[:port]/vhost or amqps://"

# For both kinds of broker. Kombu would first pause for two seconds, twice as long as publishing may take.
PATIENCE = {
    "connect_retries_timeout": BROKER_TIMEOUT,
    "interval_start": 0.1,
    "interval_step": 0.1,
    "interval_max": 0.5,
}


def sqlite(path: str) -> dict[str, Any]:
    """SQLite for several processes at once: one writer waits for another, and a commit is on the disk."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            # DEFERRED transactions that turn from reading to writing fail at once, whatever the timeout says.
            "transaction_mode": "IMMEDIATE",
            "timeout": SQLITE_BUSY_TIMEOUT,
            # FULL: a 202 is a promise, so a commit survives a power cut and not only a crash.
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;"
            "PRAGMA cache_size=-65536;PRAGMA wal_autocheckpoint=4000;",
        },
    }


def postgres(value: str, pool: int) -> dict[str, Any]:
    """PostgreSQL through a pool: under ASGI a kept connection per thread would leak with every request."""
    found: dict[str, Any] = environ.Env.db_url_config(value)
    options = {"connect_timeout": POSTGRES_CONNECT_TIMEOUT, **found.get("OPTIONS", {})}
    return {
        **found,
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            **options,
            "pool": {"min_size": 1, "max_size": pool, "timeout": POSTGRES_CONNECT_TIMEOUT},
        },
    }


def database(value: str, home: Path, pool: int) -> dict[str, Any]:
    """The database: given, or a SQLite file in the state directory."""
    if not value:
        return sqlite(str(home / "falsestart.sqlite3"))
    try:
        parts = urlsplit(value)
        name, port = parts.path.removeprefix("/"), parts.port
    except ValueError:
        refuse("DATABASE_URL", "cannot be read as an address", DATABASE_FORM)
    if parts.scheme == "sqlite" and name.startswith("/"):
        return sqlite(name)
    if parts.scheme not in POSTGRES_SCHEMES or not name or port == 0:
        refuse("DATABASE_URL", "is not the address of a database that is supported", DATABASE_FORM)
    return postgres(value, pool)


@dataclass(frozen=True, kw_only=True, slots=True)
class RedisPlace:
    """One Redis, or the sentinels that know which of several is the primary just now."""

    url: str = field(repr=False)  # As it was given.
    sentinels: tuple[tuple[str, int], ...] = ()  # Host and port of each; none: `url` is the server itself.
    master: str = ""  # What the sentinels call the servers that they watch.
    username: str = ""  # Of the servers, as their password; the sentinels have one of their own.
    password: str = field(default="", repr=False)
    database: int = 0
    sentinel_password: str = field(default="", repr=False)

    def client(self, timeout: float) -> Redis:
        """A client of the primary that waits at most `timeout` seconds for each answer."""
        # Once more at once: a kept connection may have broken meanwhile. The client's own habit is seconds.
        limits = {
            "socket_timeout": timeout,
            "socket_connect_timeout": timeout,
            "retry": Retry(NoBackoff(), 1),
        }
        if not self.sentinels:
            return Redis.from_url(self.url, **limits)
        to_sentinels = {**limits, **self._to_sentinels(timeout)}
        known: Any = Sentinel(self.sentinels, sentinel_kwargs=to_sentinels, **limits)  # type: ignore[no-untyped-call]
        client: Redis = known.master_for(self.master, **self._to_servers())
        return client

    def broker(self) -> "Broker":
        """Redis as Celery's broker."""
        options = {
            **PATIENCE,
            "visibility_timeout": BROKER_VISIBILITY,
            "unacked_restore_throttle": 1,  # look for abandoned tasks every 10 s and not every 100
            "socket_timeout": BROKER_TIMEOUT,
            "socket_connect_timeout": BROKER_TIMEOUT,
        }
        if not self.sentinels:
            return Broker(url=self.url, is_redis=True, options=options)
        account = f"{quote(self.username, '')}:{quote(self.password, '')}@" if self.password else ""
        places = (f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in self.sentinels)
        own = {"master_name": self.master, "sentinel_kwargs": self._to_sentinels(BROKER_TIMEOUT)}
        return Broker(
            # Each with everything: Celery takes the next one whole where the first does not answer.
            url=";".join(f"sentinel://{account}{place}/{self.database}" for place in places),
            is_redis=True,
            options={**options, **own},
        )

    def channel_host(self) -> str | dict[str, Any]:
        """One entry of the channel layer's hosts."""
        if not self.sentinels:
            return self.url
        return {
            "sentinels": self.sentinels,
            "master_name": self.master,
            "sentinel_kwargs": self._to_sentinels(BROKER_TIMEOUT),
            "socket_connect_timeout": BROKER_TIMEOUT,
            **self._to_servers(),
        }

    def _to_servers(self) -> dict[str, Any]:
        account = {"username": self.username or None, "password": self.password or None}
        return {"db": self.database, **account}

    def _to_sentinels(self, timeout: float) -> dict[str, Any]:
        limits = {"socket_timeout": timeout, "socket_connect_timeout": timeout}
        return {**limits, **({"password": self.sentinel_password} if self.sentinel_password else {})}


@dataclass(frozen=True, kw_only=True, slots=True)
class Broker:
    """What carries tasks to the workers."""

    url: str = field(repr=False)  # As Celery wants it.
    is_redis: bool
    options: dict[str, Any] = field(repr=False)  # Of the transport.
    tls: dict[str, Any] = field(default_factory=dict)


def redis(value: str, sentinel_password: str = "") -> RedisPlace:
    """Where Redis is, as `REDIS_URL` says."""
    if value.startswith("sentinel:"):
        return _sentinels(value, sentinel_password)
    try:
        parts = urlsplit(value)
        usable = parts.scheme in REDIS_SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        refuse("REDIS_URL", "is not a Redis address", REDIS_FORM)
    return RedisPlace(url=value)


def _sentinels(value: str, password: str) -> RedisPlace:
    found = SENTINELS.fullmatch(value)
    hosts = [_host(text) for text in found["hosts"].split(",")] if found else []
    if not found or any(not 0 < port < 65_536 for _, port in hosts):
        refuse("REDIS_URL", "is not a Redis address", REDIS_FORM)
    return RedisPlace(
        url=value,
        sentinels=tuple(hosts),
        master=found["master"],
        username=unquote(found["username"] or ""),
        password=unquote(found["password"] or ""),
        database=int(found["database"] or 0),
        sentinel_password=password,
    )


def _host(text: str) -> tuple[str, int]:
    # A colon inside brackets belongs to the host.
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, port = text, str(SENTINEL_PORT)
    return host.strip("[]"), int(port)


def broker(value: str, place: RedisPlace) -> Broker:
    """RabbitMQ where `BROKER_URL` names one, else Redis."""
    if not value:
        return place.broker()
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or port == 0 or parts.scheme not in AMQP_SCHEMES:
        refuse("BROKER_URL", "is not the address of a RabbitMQ", AMQP_FORM)
    # Without limits a server that stopped reading would hold the publisher for ever.
    limits = {"read_timeout": BROKER_TIMEOUT, "write_timeout": BROKER_TIMEOUT}
    authorities = ssl.get_default_verify_paths().cafile
    verified = {"cert_reqs": ssl.CERT_REQUIRED, "ca_certs": authorities, "server_hostname": host}
    return Broker(
        url=value,
        is_redis=False,
        options={**PATIENCE, **limits},
        tls=verified if parts.scheme == "amqps" else {},
    )
