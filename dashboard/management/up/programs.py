"""The product's programs: what is run, and how each shows that it works."""

import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from dashboard.celery import pulse
from dashboard.management.up.child import Program
from dashboard.management.up.probes import answers_ping, answers_readyz, has_pulse, runs
from dashboard.management.up.valkey import configuration

ROLLOUT = Path("ingest/probe/examples/chat/rollout.py")
WEB_GRACE = 5.0  # seconds; open pages reconnect by themselves
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what to ask where a server listens everywhere


def python(*arguments: str) -> tuple[str, ...]:
    """A command of this interpreter whose output comes at once."""
    return (sys.executable, "-u", *arguments)


def own_address() -> tuple[str, str]:
    """The address at which the web process is reached from this machine, and a host name that it accepts."""
    name = settings.ALLOWED_HOSTS[0].lstrip(".")
    return ANY_ADDRESS.get(settings.HOST, settings.HOST), "localhost" if name == "*" else name


def own_url() -> str:
    """Where a browser on this machine finds the product."""
    host = own_address()[0]
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.PORT}{settings.BASE_PATH}"


def valkey(server: Path, url: str, directory: Path) -> Program:
    """The embedded Redis-compatible server."""
    directory.mkdir(mode=0o700, exist_ok=True)
    parts = urlsplit(url)
    return Program(
        name="valkey",
        command=(str(server), "-"),
        stdin=configuration(port=parts.port or 0, directory=directory, password=parts.password or ""),
        ready=answers_ping(url),
    )


def reporting(key: str) -> dict[str, str]:
    """What a child has to know to report here. By environment: everybody sees command lines."""
    return {"FALSESTART_ENDPOINT": own_url(), "FALSESTART_KEY": key}


def web(environment: Mapping[str, str]) -> Program:
    """Daphne with pages, API and receiver."""
    arguments = ("-b", settings.HOST, "-p", str(settings.PORT), "-v", "0", "--no-server-name")
    return Program(
        name="web",
        command=python(
            "-m", "daphne", *arguments, settings.ASGI_APPLICATION.replace(".application", ":application")
        ),
        environment=environment,
        ready=answers_readyz(own_address()[0], settings.PORT, own_address()[1]),
        grace=WEB_GRACE,
    )


def celery(role: str, *arguments: str) -> tuple[str, ...]:
    """A command of Celery in one of its roles."""
    return python("-m", "celery", "--app", f"dashboard.{role}", "--quiet", role, *arguments)


def worker(environment: Mapping[str, str]) -> Program:
    """The Celery worker: threads, since its work waits for the database."""
    size = ("--pool", "threads", "--concurrency", str(settings.WORKER_THREADS))
    lone = ("--without-gossip", "--without-mingle", "--hostname", "worker@%h")
    return Program(
        name="worker",
        command=celery("worker", *size, *lone, "--loglevel", settings.LOG_LEVEL),
        environment=environment,
        ready=has_pulse(pulse("worker")),
    )


def beat(environment: Mapping[str, str]) -> Program:
    """The Celery beat, which hands out a sweep every second."""
    return Program(
        name="beat",
        command=celery("beat", "--pidfile", "", "--loglevel", settings.LOG_LEVEL),
        environment=environment,
        ready=has_pulse(pulse("beat")),
    )


def demo(key: str) -> Program:
    """A real chat service that is rolled out again and again, and its clients."""
    return Program(
        name="demo",
        command=python(str(settings.BASE_DIR / ROLLOUT)),
        environment=reporting(key),
        ready=runs,
    )
