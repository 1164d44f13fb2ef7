"""One process life, and the events that tell of it."""

from django.db import models
from django.db.models import Q

from ingest.domain.words import BootState
from ingest.models.names import Contract, Environment, Instance, Release
from ingest.models.widths import NAME, WORD, words


class Boot(models.Model):
    """One process life, as reported and as understood."""

    ident = models.CharField(max_length=128, unique=True)  # The reporter's boot id.
    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="boots")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="boots")
    instance = models.ForeignKey(Instance, on_delete=models.PROTECT, related_name="boots")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, null=True, related_name="boots")
    parent = models.CharField(max_length=128, blank=True)
    region = models.CharField(max_length=NAME, blank=True)
    pid = models.BigIntegerField(null=True)
    started_at = models.DateTimeField()
    facts_order = models.CharField(
        max_length=100
    )  # Sorts batches by `sent_age`; the greatest states the facts.

    last_age = models.FloatField(null=True)  # The greatest age reported.
    served_age = models.FloatField(null=True)  # The least age at which the service saw a socket or request.
    promised = models.BooleanField(default=False)  # Whether an `alive` was reported.
    clock_offset = models.FloatField(null=True)  # s; the service's least of receipt minus `sent_at`.
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    revision = models.BigIntegerField(default=0)
    correlated_revision = models.BigIntegerField(default=0)
    due_at = models.DateTimeField(null=True, db_index=True)  # When somebody must look at it again.

    state = models.CharField(max_length=WORD, choices=words(BootState), default=BootState.STARTING)
    observed = models.BooleanField(default=True)
    listening_age = models.FloatField(null=True)
    ready_age = models.FloatField(null=True)
    claimed_ready_age = models.FloatField(null=True)
    draining_age = models.FloatField(null=True)
    ended_age = models.FloatField(null=True)
    exit_code = models.BigIntegerField(null=True)
    exit_signal = models.IntegerField(null=True)
    exit_by = models.CharField(max_length=NAME, blank=True)
    exposed_from = models.FloatField(null=True)
    exposed_to = models.FloatField(null=True)
    timeline_digest = models.CharField(max_length=64, blank=True)  # Of all that attribution rests on.
    person_contract = models.ForeignKey(
        Contract, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )  # The version of what people state that this result rests on; null: they state nothing.
    # In steps of `domain.clocks`: the service's offset that this result rests on, and the least and the
    # greatest one of those who reported its sockets without a boot.
    clock = models.BigIntegerField(null=True)
    clock_low = models.BigIntegerField(null=True)
    clock_high = models.BigIntegerField(null=True)
    mark = models.BigIntegerField(default=0)  # The environment's mark when it was last recorded.

    class Meta:
        """Boots are listed newest first, within a release and over all."""

        indexes = (
            models.Index(fields=("release", "started_at"), name="boot_of_release"),
            models.Index(fields=("environment", "started_at"), name="boot_of_environment"),
            models.Index(fields=("instance", "started_at"), name="boot_of_instance"),
            models.Index(fields=("started_at", "id"), name="boot_newest"),
            models.Index(fields=("environment", "mark"), name="boot_marked"),
        )

    def __str__(self) -> str:
        """Return the reporter's boot id."""
        return self.ident


class Reporter(models.Model):
    """One who reports from outside the process, and how far its clock seems to be from ours."""

    boot = models.ForeignKey(
        Boot, on_delete=models.PROTECT, null=True, related_name="reporters", db_index=False
    )
    environment = models.ForeignKey(
        Environment, on_delete=models.PROTECT, related_name="reporters", db_index=False
    )
    role = models.CharField(max_length=WORD)
    name = models.CharField(max_length=NAME)
    clock_offset = models.FloatField()  # s; the least of receipt minus `sent_at`.
    revision = models.BigIntegerField()  # Of its boot or environment, at which that last fell by a step.

    class Meta:
        """Known as its events are: within its boot, or within its environment where it names none."""

        constraints = (
            models.UniqueConstraint(fields=("boot", "role", "name"), name="reporter_once"),
            models.UniqueConstraint(
                fields=("environment", "role", "name"),
                condition=Q(boot__isnull=True),
                name="reporter_without_boot_once",
            ),
        )
        indexes = (
            models.Index(
                fields=("environment", "revision"),
                condition=Q(boot__isnull=True),
                name="reporter_revised",
            ),
        )

    def __str__(self) -> str:
        """Return role and name."""
        return f"{self.role} {self.name}"


class Event(models.Model):
    """One reported event: append-only, the truth that everything else is derived from."""

    boot = models.ForeignKey(Boot, on_delete=models.PROTECT, null=True, related_name="events", db_index=False)
    environment = models.ForeignKey(
        Environment, on_delete=models.PROTECT, related_name="events", db_index=False
    )
    role = models.CharField(max_length=WORD)
    reporter = models.CharField(max_length=NAME)
    seq = models.BigIntegerField(null=True)
    ident = models.CharField(max_length=NAME, null=True)  # noqa: DJ001 - null where `seq` is the identity
    kind = models.CharField(max_length=64)
    age = models.FloatField(null=True)
    at = models.DateTimeField(null=True)
    instance = models.CharField(max_length=NAME, blank=True)  # As named by a batch without a boot.
    revision = models.BigIntegerField()  # The revision of its boot, or environment, that it came with.
    body = models.TextField()  # Canonical JSON.
    received_at = models.DateTimeField()

    class Meta:
        """An identity is stored once; a boot's are read by kind and revision."""

        constraints = (
            models.UniqueConstraint(fields=("boot", "role", "reporter", "seq"), name="event_once"),
            models.UniqueConstraint(
                fields=("environment", "reporter", "ident"),
                condition=Q(boot__isnull=True),
                name="event_without_boot_once",
            ),
            models.CheckConstraint(
                condition=Q(boot__isnull=False, seq__isnull=False)
                | Q(boot__isnull=True, ident__isnull=False),
                name="event_has_identity",
            ),
        )
        indexes = (
            models.Index(
                fields=("boot", "kind", "revision"), condition=Q(boot__isnull=False), name="event_by_kind"
            ),
            models.Index(
                fields=("environment", "revision"),
                condition=Q(boot__isnull=True),
                name="event_without_boot",
            ),
        )

    def __str__(self) -> str:
        """Return the kind and identity."""
        return f"{self.kind} {self.role}:{self.seq if self.seq is not None else self.ident}"
