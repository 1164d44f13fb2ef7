"""Who may report or read, and what a sender was answered."""

from django.db import models

from ingest.models.widths import NAME


class Key(models.Model):
    """An API key; only a digest of its secret is kept."""

    class Scope(models.TextChoices):
        """What a key may do."""

        WRITE = "write"
        READ = "read"
        CLIENT = "client"  # Writes what a client saw, from pages of the origins that it is bound to.

    digest = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=16)  # The part that people may see.
    scope = models.CharField(max_length=8, choices=Scope.choices)
    service = models.CharField(max_length=NAME, blank=True)  # Empty: any.
    environment = models.CharField(max_length=NAME, blank=True)  # Empty: any.
    origins = models.JSONField(default=list, blank=True)  # Of pages that a `client` key may be sent from.
    label = models.CharField(max_length=NAME, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.CharField(max_length=NAME, blank=True)  # Who made it; empty: a command.
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=NAME, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Return what people may see of the key."""
        return f"{self.prefix}… ({self.scope})"


class Batch(models.Model):
    """The answer given to an `Idempotency-Key`, kept for 24 h to be given again."""

    key = models.ForeignKey(Key, on_delete=models.CASCADE)
    idempotency_key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)  # Of the body that the answer belongs to.
    answer = models.TextField()
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        """A key answers each idempotency key once."""

        constraints = (models.UniqueConstraint(fields=("key", "idempotency_key"), name="batch_once"),)

    def __str__(self) -> str:
        """Return the idempotency key."""
        return self.idempotency_key
