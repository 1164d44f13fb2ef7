"""`manage.py up`: run the whole product with one command."""

import asyncio
import os
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from dashboard.management.up import programs, state
from dashboard.management.up.child import Program
from dashboard.management.up.console import Console
from dashboard.management.up.supervisor import Supervisor
from dashboard.management.up.valkey import MISSING, find_server, is_free

PRIVATE = 0o077  # the umask: state is for its owner alone
SHOWN_ONCE = "is shown only this once; `manage.py changepassword admin` sets another"


class Command(BaseCommand):
    """Start the web server, worker and beat, and Redis where none is given; keep them running."""

    help = (
        "Run the whole product: web server, worker, beat, and an embedded Redis where REDIS_URL is not set."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the demo."""
        parser.add_argument("--demo", action="store_true", help="also run the sample service and its clients")

    def handle(self, *_: Any, demo: bool, **__: Any) -> None:
        """Prepare state and database, then supervise until a signal comes."""
        os.umask(PRIVATE)
        home = Path(settings.FALSESTART_HOME)
        console = Console(sys.stdout)
        with state.only_supervisor(home):
            refuse_a_taken_port()
            # Before anything else listens, so that no program sees a database that is half made.
            password = prepare_database()
            stages = plan(home, demo=demo)
            supervisor = Supervisor(stages, console)
            asyncio.run(supervisor.run(lambda: greet(console, password)))


def refuse_a_taken_port() -> None:
    """Say in plain words that somebody else listens there."""
    if not is_free(settings.HOST, settings.PORT):
        message = (
            f"Port {settings.PORT} on {settings.HOST} is taken by another program or not allowed. "
            f"Choose another one, for example: PORT={settings.PORT + 1} python manage.py up"
        )
        raise CommandError(message)


def prepare_database() -> str | None:
    """Bring the database up to date; return the first administrator's password when there was none."""
    try:
        call_command("migrate", interactive=False, verbosity=0)
        password = state.first_password()
    except OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        message = f"The database cannot be used ({reason}). Look at DATABASE_URL and at FALSESTART_HOME."
        raise CommandError(message) from error
    return password


def plan(home: Path, *, demo: bool) -> list[list[Program]]:
    """The programs in the order of their start."""
    report = own_report(home)
    stages = [[programs.web(report), programs.worker(report), programs.beat(report)]]
    if settings.EMBEDDED_REDIS:
        server = find_server()
        if server is None:
            raise CommandError(MISSING)
        stages.insert(0, [programs.valkey(server, state.embedded_address(home), home / "valkey")])
    if demo:
        stages.append([programs.demo(state.demo_key(home, utc_now))])
    # The supervisor itself needs the database no more, and its children must not inherit a pool's threads.
    connection.close()
    if settings.DATABASES["default"]["OPTIONS"].get("pool"):
        connection.close_pool()  # type: ignore[attr-defined]
    return stages


def own_report(home: Path) -> dict[str, str]:
    """Where the product reports about itself: to itself, unless somebody said where to."""
    if os.environ.get("FALSESTART_ENDPOINT"):
        return {}
    return programs.reporting(state.own_key(home, utc_now))


def utc_now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


def greet(console: Console, password: str | None) -> None:
    """Say where the product is and how to sign in."""
    known = f"sign in as {state.ADMIN}; `manage.py changepassword {state.ADMIN}` sets another password"
    made = f"sign in as {state.ADMIN} with the password {password}\nthe password {SHOWN_ONCE}"
    console.say("up", f"\nFalsestart is up at {programs.own_url()}/\n{made if password else known}\n\n")
