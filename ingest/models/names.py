"""Whom events are about: services, environments, releases, instances, and what these declare."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from ingest.models.widths import NAME, WORD


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
    # Boots of a lesser id have not been decided again since a person's contract changed; null: all have.
    redecide_below = models.BigIntegerField(null=True)

    class Meta:
        """A service has each environment once."""

        constraints = (models.UniqueConstraint(fields=("service", "name"), name="environment_once"),)
        indexes = (
            models.Index(
                fields=("redecide_below",),
                condition=Q(redecide_below__isnull=False),
                name="environment_redecided",
            ),
        )

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
    """A contract as somebody stated it: immutable, and versioned within its service and environment."""

    class Source(models.TextChoices):
        """Who stated it; per field a person's value beats a declared one."""

        DECLARED = "declared"  # The service itself, with a boot.
        PERSON = "person"  # Somebody on a page; the latest such version is in force for every boot.

    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="contracts")
    version = models.PositiveIntegerField()
    source = models.CharField(max_length=WORD, choices=Source.choices, default=Source.DECLARED)
    stated_by = models.CharField(max_length=NAME, blank=True)  # The person; empty where it was declared.
    reason = models.TextField(blank=True)  # Why a person set it.
    body = models.TextField()  # Canonical JSON of `domain.contract.Declared`.
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """What is declared again is the same version; a person may go back to what was before."""

        constraints = (
            models.UniqueConstraint(
                fields=("environment", "digest"), condition=Q(source="declared"), name="contract_once"
            ),
            models.UniqueConstraint(fields=("environment", "version"), name="contract_version_once"),
        )
        indexes = (
            models.Index(
                fields=("environment", "version"), condition=Q(source="person"), name="contract_of_people"
            ),
        )

    def __str__(self) -> str:
        """Return the contract's version."""
        return f"{self.environment} v{self.version}"


class Deployment(models.Model):
    """Somebody put a release into an environment: a mark on its time axis."""

    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="deployments")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="deployments")
    at = models.DateTimeField()
    by = models.CharField(max_length=NAME, blank=True)  # A person or a pipeline.
    url = models.CharField(max_length=2000, blank=True)  # Where more is told; http or https.
    received_at = models.DateTimeField()
    mark = models.BigIntegerField(default=0)  # The environment's mark when it was recorded.

    class Meta:
        """The same deployment told again is the same row; an environment's are read by time."""

        constraints = (
            models.UniqueConstraint(fields=("environment", "release", "at"), name="deployment_once"),
        )
        indexes = (models.Index(fields=("environment", "at"), name="deployment_of_environment"),)

    def __str__(self) -> str:
        """Return release and moment."""
        return f"{self.release} at {self.at:%Y-%m-%d %H:%M}"
