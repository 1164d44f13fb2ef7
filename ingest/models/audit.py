"""What people did to keys, people and contracts."""

from django.db import models

from ingest.domain.people import Act
from ingest.models.widths import NAME, WORD, words

SUBJECT = 2 * NAME + 20  # characters: a service and an environment with words around them


class AuditEntry(models.Model):
    """One act: append-only, written in the transaction of what it tells of."""

    at = models.DateTimeField()
    by = models.CharField(max_length=NAME, blank=True)  # Who; empty: a command on the server.
    act = models.CharField(max_length=WORD, choices=words(Act))
    subject = models.CharField(max_length=SUBJECT)  # To what or whom it was done, as people call it.
    before = models.JSONField(default=dict)  # Field by field, as it was; never a secret.
    after = models.JSONField(default=dict)  # Field by field, as it became; never a secret.

    def __str__(self) -> str:
        """Return the act in words."""
        return f"{self.by or 'a command'}: {self.act} {self.subject}"
