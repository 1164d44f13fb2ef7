"""What the supervisor keeps in the state directory, and what it puts into a new database."""

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from django.core.management import call_command
from django.core.management.base import CommandError

from dashboard.management.up.valkey import LOOPBACK, free_port
from dashboard.ourselves import SERVICE
from dashboard.queries.people import administrator_exists
from ingest.store import keys

ADMIN = "admin"
PASSWORD_VARIABLE = "DJANGO_SUPERUSER_PASSWORD"  # noqa: S105 - a name
PASSWORD_BYTES = 12  # of randomness: 96 bits
DEMO_SERVICE, DEMO_ENVIRONMENT = "chat-backend", "demo"


@contextmanager
def only_supervisor(home: Path) -> Iterator[None]:
    """Hold the state directory for this process; the kernel lets go of it however the process ends."""
    with (home / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            message = (
                f"Falsestart already runs on the state directory {home} (process {lock.read()}). "
                "Stop that one first, or choose another directory with FALSESTART_HOME."
            )
            raise CommandError(message) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def write_private(path: Path, text: str) -> None:
    """Replace a file, as a whole or not at all, that only its owner may read."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.replace(path)


def embedded_address(home: Path) -> str:
    """The address of the embedded server, kept for every process of this state directory.

    Another port is taken only when the last one is occupied: other processes read the address as they start.
    """
    kept = home / "redis.url"
    before = urlsplit(kept.read_text()) if kept.is_file() else None
    password = (before and before.password) or secrets.token_urlsafe(24)
    port = free_port((before and before.port) or 0)
    url = f"redis://:{password}@{LOOPBACK}:{port}/0"
    write_private(kept, url)
    return url


def first_password() -> str | None:
    """Make the first administrator and return the password, or None where there is one already."""
    if administrator_exists():
        return None
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    # Django's own command takes a password from the environment alone.
    os.environ[PASSWORD_VARIABLE] = password
    try:
        call_command("createsuperuser", interactive=False, username=ADMIN, email="", verbosity=0)
    finally:
        del os.environ[PASSWORD_VARIABLE]
    return password


def demo_key(home: Path, now: Callable[[], datetime]) -> str:
    """The demo's key."""
    return _kept_key(home / "demo.key", now, DEMO_SERVICE, DEMO_ENVIRONMENT, label="demo traffic")


def own_key(home: Path, now: Callable[[], datetime]) -> str:
    """The key by which the product reports about itself."""
    return _kept_key(home / "own.key", now, SERVICE, label="Falsestart about itself")


def _kept_key(
    kept: Path, now: Callable[[], datetime], service: str, environment: str = "", *, label: str
) -> str:
    """The kept key while this database knows it, so that restarts do not pile up keys."""
    if kept.is_file() and keys.find(kept.read_text(), now()):
        return kept.read_text()
    secret = keys.create("write", service, environment, label=label)
    write_private(kept, secret)
    return secret
