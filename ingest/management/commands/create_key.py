"""`manage.py create_key`: make an API key and print it, and nothing else."""

from argparse import ArgumentParser
from typing import Any, NoReturn

from django.core.management.base import BaseCommand

from ingest.models import NAME, Key
from ingest.store import keys


class Command(BaseCommand):
    """Make an API key. Its secret is printed once and not kept."""

    help = "Make an API key and print it; it is shown this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare scope and limits."""
        parser.add_argument("--scope", required=True, choices=Key.Scope.values)
        parser.add_argument("--service", default="", help="limit the key to this service")
        parser.add_argument("--environment", default="", help="limit the key to this environment")
        parser.add_argument(
            "--origin",
            action="append",
            default=[],
            help="of pages that a client key may be sent from, such as https://app.example.com; repeatable",
        )
        parser.add_argument("--label", default="", help="what it is for")

    def handle(
        self,
        *_: Any,
        scope: str,
        service: str,
        environment: str,
        label: str,
        origin: list[str],
        **__: Any,
    ) -> None:
        """Print the new key's secret."""
        for option, value in (("--service", service), ("--environment", environment), ("--label", label)):
            if len(value) > NAME or "\0" in value:
                self._refuse(f"{option} must be at most {NAME} characters, without NUL.")
        try:
            secret = keys.create(scope, service, environment, label=label, origins=origin)
        except ValueError as error:
            self._refuse(f"--origin: {error}")
        self.stdout.write(secret)

    def _refuse(self, sentence: str) -> NoReturn:
        self.stderr.write(sentence)
        raise SystemExit(2)
