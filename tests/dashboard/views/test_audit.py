"""The audit trail: newest first, a page at a time, safe whatever things are called."""

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.queries.audit import PAGE
from ingest.domain.people import Act, Role
from ingest.models import AuditEntry
from ingest.store import audit
from tests.people import signed_in

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert('x')</script>"


@pytest.fixture
def admin() -> Client:
    return signed_in("ada", Role.ADMIN)


def test_it_says_who_did_what_to_whom(admin: Client) -> None:
    changed = {"before": {"role": "viewer"}, "after": {"role": "admin"}}
    audit.note(Act.ROLE_CHANGED, "grace", by="ada", at=timezone.now(), **changed)
    page = admin.get("/settings/audit/").content.decode()
    assert ("2 acts on record" in page, "viewer → admin" in page) == (True, True)


def test_names_are_never_markup(admin: Client) -> None:
    audit.note(Act.KEY_MADE, HOSTILE, by=HOSTILE, at=timezone.now(), after={"service": HOSTILE})
    assert "<script>alert" not in admin.get("/settings/audit/").content.decode()


def test_it_is_read_a_page_at_a_time(admin: Client) -> None:
    for number in range(PAGE):
        audit.note(Act.KEY_MADE, f"key-{number}-", by="", at=timezone.now())
    first = admin.get("/settings/audit/").content.decode()
    oldest = AuditEntry.objects.order_by("-pk")[PAGE - 1].pk
    rest = admin.get(f"/settings/audit/?before={oldest}").content.decode()
    assert (f"?before={oldest}" in first, "key-0-" in first, "person added" in first) == (True, True, False)
    assert ("person added" in rest, "Older acts" in rest) == (True, False)


@pytest.mark.parametrize("junk", ["x", "-1", "9" * 19, "9" * 5000, "1e3", "%00", "²"])
def test_a_place_that_is_none_begins_at_the_newest(admin: Client, junk: str) -> None:
    assert "person added" in admin.get(f"/settings/audit/?before={junk}").content.decode()
