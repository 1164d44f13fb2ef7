"""The write side as a Django application."""

from django.apps import AppConfig


class IngestConfig(AppConfig):
    """Everything that receives, stores and interprets events."""

    name = "ingest"
