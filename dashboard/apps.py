"""The dashboard as a Django application."""

from importlib import import_module

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    """Pages, read API and the commands that run the product."""

    name = "dashboard"

    def ready(self) -> None:
        """Make the Celery application the current one, so that a task sent by name finds the broker."""
        import_module("dashboard.celery")
