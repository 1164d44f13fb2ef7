"""The audit trail: every act is a row and a line, and no line can be forged by a name."""

import logging
from datetime import UTC, datetime

import pytest

from ingest.domain.people import Act, Role
from ingest.models import AuditEntry
from ingest.store import audit

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 16, 12, tzinfo=UTC)


def test_an_act_is_kept_with_who_when_what_before_and_after() -> None:
    audit.note(
        Act.ROLE_CHANGED, "grace", by="ada", at=NOW, before={"role": "viewer"}, after={"role": "admin"}
    )

    entry = AuditEntry.objects.get()
    assert (entry.at, entry.by, entry.act, entry.subject) == (NOW, "ada", "role changed", "grace")
    assert (entry.before, entry.after) == ({"role": "viewer"}, {"role": "admin"})


def test_an_act_is_logged_on_one_line_whatever_its_subject_is_called(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, "ingest.store.audit"):
        audit.note(Act.PERSON_ADDED, "eve\nAudit: {}", by="ada", at=NOW, after={"role": Role.VIEWER})

    said = '{"act": "person added", "by": "ada", "subject": "eve\\nAudit: {}",'
    said += ' "before": {}, "after": {"role": "viewer"}}'
    assert caplog.messages == [f"Audit: {said}"]
