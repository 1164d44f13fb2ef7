"""The audit trail: a row and a log line for every act that changes who may do what."""

import json
import logging
from collections.abc import Mapping
from datetime import datetime

from ingest.domain.people import Act
from ingest.models import AuditEntry

log = logging.getLogger(__name__)

Facts = Mapping[str, object]  # By field; JSON values, and never a secret.


def note(
    act: Act, subject: str, *, by: str, at: datetime, before: Facts | None = None, after: Facts | None = None
) -> None:
    """Record an act; call it inside the transaction that does it. `by` is empty for a command."""
    AuditEntry.objects.create(
        at=at, by=by, act=act, subject=subject, before=dict(before or {}), after=dict(after or {})
    )
    said = {"act": act, "by": by, "subject": subject, "before": before or {}, "after": after or {}}
    # As JSON, since names are typed by people: a line break in one must not begin a line of its own.
    log.info("Audit: %s", json.dumps(said))
