"""What correlation makes of events: all of it can be made anew."""

from django.db import models
from django.db.models import F, Q

from ingest.domain.words import Cause, Certainty, Outcome
from ingest.models.boots import Boot
from ingest.models.names import Environment
from ingest.models.widths import NAME, WORD, words


class Phase(models.Model):
    """One run of a phase in a boot."""

    boot = models.ForeignKey(Boot, on_delete=models.CASCADE, related_name="phases", db_index=False)
    name = models.CharField(max_length=NAME)
    run = models.PositiveIntegerField()  # Counts the runs of the same name from 0.
    order = models.PositiveIntegerField()
    parent = models.CharField(max_length=NAME, blank=True)
    status = models.CharField(max_length=WORD)
    kind = models.CharField(max_length=WORD)
    required = models.BooleanField()
    started_age = models.FloatField(null=True)
    ended_age = models.FloatField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        """A boot has each run once."""

        constraints = (models.UniqueConstraint(fields=("boot", "name", "run"), name="phase_once"),)

    def __str__(self) -> str:
        """Return name and status."""
        return f"{self.name} {self.status}"


class Check(models.Model):
    """One finished check: what it waited beside what it may wait, in seconds."""

    boot = models.ForeignKey(Boot, on_delete=models.CASCADE, related_name="checks", db_index=False)
    ref = models.CharField(max_length=300)  # The event that it rests on.
    name = models.CharField(max_length=NAME)
    ok = models.BooleanField()
    waited = models.FloatField(null=True)
    budget = models.FloatField(null=True)
    age = models.FloatField()
    phase = models.CharField(max_length=NAME, blank=True)

    class Meta:
        """An event is one check."""

        constraints = (models.UniqueConstraint(fields=("boot", "ref"), name="check_once"),)

    def __str__(self) -> str:
        """Return name and result."""
        return f"{self.name} {'ok' if self.ok else 'not ok'}"


class Socket(models.Model):
    """One WebSocket attempt, as merged from all who saw it, and why it failed."""

    boot = models.ForeignKey(
        Boot, on_delete=models.CASCADE, null=True, related_name="sockets", db_index=False
    )
    environment = models.ForeignKey(
        Environment, on_delete=models.PROTECT, related_name="sockets", db_index=False
    )
    key = models.CharField(max_length=500)  # Its id, or the identity of its only event.
    socket = models.CharField(max_length=NAME, blank=True)
    opened_at = models.DateTimeField()  # By the boot's wall clock: for lists, never for inference.
    opened_age = models.FloatField(null=True)
    accepted_age = models.FloatField(null=True)
    ended_age = models.FloatField(null=True)
    outcome = models.CharField(max_length=WORD, choices=words(Outcome))
    code = models.IntegerField(null=True)
    code_seen_by = models.JSONField(default=dict)
    status = models.IntegerField(null=True)
    origin = models.CharField(max_length=WORD, blank=True)
    reason = models.TextField(blank=True)
    path = models.CharField(max_length=2000, blank=True)
    client = models.CharField(max_length=NAME, blank=True)
    reporters = models.JSONField(default=list)
    stands_for = models.PositiveIntegerField(default=1)
    events = models.JSONField(default=list)  # Primary keys of the events that it is merged from.
    cause = models.CharField(max_length=WORD, blank=True, choices=words(Cause))
    expected = models.BooleanField(default=False)
    certainty = models.CharField(max_length=WORD, blank=True, choices=words(Certainty))
    before_gate = models.BooleanField(null=True)
    margin = models.FloatField(null=True)
    phases = models.JSONField(default=list)
    evidence = models.JSONField(default=list)
    borrowed = models.BooleanField(default=False)  # Whether no reporter named its boot, and it was inferred.
    settled = models.BooleanField(default=False)  # Whether only a change of its boot's facts can change it.

    class Meta:
        """A boot has each socket once, and so has an environment each socket without a boot."""

        constraints = (
            models.UniqueConstraint(fields=("boot", "key"), name="socket_once"),
            models.UniqueConstraint(
                fields=("environment", "key"), condition=Q(boot__isnull=True), name="socket_without_boot_once"
            ),
        )
        indexes = (
            models.Index(fields=("environment", "opened_at"), name="socket_of_environment"),
            models.Index(fields=("opened_at", "id"), name="socket_newest"),
            models.Index(fields=("cause", "opened_at"), condition=~Q(cause=""), name="socket_by_cause"),
            models.Index(fields=("boot",), condition=Q(settled=False), name="socket_unsettled"),
            models.Index(fields=("boot", "opened_age"), condition=~Q(cause=""), name="socket_failed"),
            models.Index(
                fields=("environment", "opened_at"), condition=Q(borrowed=True), name="socket_borrowed"
            ),
            models.Index(
                fields=("environment", "opened_at"), condition=Q(boot__isnull=True), name="socket_stray"
            ),
            models.Index(fields=("environment", "socket"), condition=~Q(socket=""), name="socket_by_id"),
        )

    def __str__(self) -> str:
        """Return the key and cause."""
        return f"{self.key} {self.cause or self.outcome}"


class Tally(models.Model):
    """Openings or expected ends counted over a window of ages."""

    boot = models.ForeignKey(Boot, on_delete=models.CASCADE, related_name="tallies", db_index=False)
    ref = models.CharField(max_length=300)
    kind = models.CharField(max_length=WORD)
    from_age = models.FloatField()
    to_age = models.FloatField()
    code = models.IntegerField(null=True)
    origin = models.CharField(max_length=WORD, blank=True)
    count = models.BigIntegerField()
    clients = models.BigIntegerField(null=True)

    class Meta:
        """An event is one tally; a window does not end before it begins."""

        constraints = (
            models.UniqueConstraint(fields=("boot", "ref"), name="tally_once"),
            models.CheckConstraint(condition=Q(to_age__gte=F("from_age")), name="tally_window"),
        )

    def __str__(self) -> str:
        """Return the kind and count."""
        return f"{self.kind} {self.count}"
