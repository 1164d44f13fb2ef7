"""Whom events are about: services, environments, releases, instances, and what these declare."""

from django.db import models

from ingest.models.widths import NAME


class Service(models.Model):
    """What OpenTelemetry calls `service.name`."""

    name = models.CharField(max_length=NAME, unique=True)

    def __str__(self) -> str:
        """Return the service's name."""
        return self.name


class Environment(models.Model):
    """One service in one environment: what keys, contracts and live pages are scoped to."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="environments")
    name = models.CharField(max_length=NAME)
    mark = models.BigIntegerField(default=0)  # Grows with every result recorded here: the pages' high mark.
    revision = models.BigIntegerField(default=0)  # Grows with every event stored that names no boot.
    correlated_revision = models.BigIntegerField(default=0)
    due_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        """A service has each environment once."""

        constraints = (models.UniqueConstraint(fields=("service", "name"), name="environment_once"),)

    def __str__(self) -> str:
        """Return service and environment."""
        return f"{self.service} / {self.name}"


class Release(models.Model):
    """What OpenTelemetry calls `service.version`."""

    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="releases")
    name = models.CharField(max_length=NAME)
    first_seen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """An environment has each release once."""

        constraints = (models.UniqueConstraint(fields=("environment", "name"), name="release_once"),)

    def __str__(self) -> str:
        """Return the release's name."""
        return self.name


class Instance(models.Model):
    """What OpenTelemetry calls `service.instance.id`; it may have several boots."""

    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="instances")
    name = models.CharField(max_length=NAME)

    class Meta:
        """An environment has each instance once."""

        constraints = (models.UniqueConstraint(fields=("environment", "name"), name="instance_once"),)

    def __str__(self) -> str:
        """Return the instance's name."""
        return self.name


class Contract(models.Model):
    """A declared contract: immutable, and versioned within its service and environment."""

    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="contracts")
    version = models.PositiveIntegerField()
    body = models.TextField()  # Canonical JSON of `domain.contract.Declared`.
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """The same content is the same version."""

        constraints = (
            models.UniqueConstraint(fields=("environment", "digest"), name="contract_once"),
            models.UniqueConstraint(fields=("environment", "version"), name="contract_version_once"),
        )

    def __str__(self) -> str:
        """Return the contract's version."""
        return f"{self.environment} v{self.version}"
