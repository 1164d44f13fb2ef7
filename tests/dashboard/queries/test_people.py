"""Who may sign in, and who is locked out."""

from datetime import UTC, datetime, timedelta

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboard.queries.people import Lock, administrator_exists, admins, everybody, locks
from dashboard.queries.people import person as person_of
from ingest.domain.people import Role
from tests.people import person

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 16, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("superuser", "active", "known"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_only_somebody_who_can_sign_in_and_administer_counts(
    superuser: bool, active: bool, known: bool
) -> None:
    """With none of them, nobody could let anybody in."""
    User.objects.create(username="someone", is_superuser=superuser, is_active=active)
    assert (administrator_exists(), admins()) == (known, ["someone"] if known else [])


def test_everybody_is_listed_by_name_and_who_is_deactivated_last() -> None:
    for name, role in (("cleo", None), ("ada", Role.ADMIN), ("bob", Role.VIEWER), ("dan", Role.RESPONDER)):
        person(name, role)
    User.objects.filter(username="bob").update(is_active=False)

    assert [(one.username, one.role, one.active, one.invited) for one in everybody()] == [
        ("ada", Role.ADMIN, True, True),
        ("cleo", None, True, True),
        ("dan", Role.RESPONDER, True, True),
        ("bob", Role.VIEWER, False, True),
    ]


def test_listing_everybody_costs_the_same_for_many() -> None:
    for number in range(10):
        person(f"person-{number}")
    with CaptureQueriesContext(connection) as statements:
        everybody()
    assert len(statements) == 2


def test_who_has_set_a_password_is_not_invited_any_more() -> None:
    found = person_of(person("ada", password="correct horse battery").pk)
    assert found is not None
    assert (found.username, found.invited) == ("ada", False)


@pytest.mark.parametrize("pk", [0, 2**63, 10**40])
def test_an_account_that_does_not_exist_is_none(pk: int) -> None:
    assert person_of(pk) is None


def tried(username: str, address: str, failures: int, ago: timedelta, agent: str = "") -> None:
    made = AccessAttempt.objects.create(
        username=username, ip_address=address, failures_since_start=failures, user_agent=agent
    )
    AccessAttempt.objects.filter(pk=made.pk).update(attempt_time=NOW - ago)


def test_a_lock_is_enough_failures_of_a_name_from_an_address_within_the_time() -> None:
    limit, period = settings.AXES_FAILURE_LIMIT, settings.AXES_COOLOFF_TIME
    minute = timedelta(minutes=1)
    tried("ada", "10.0.0.1", limit, minute)
    tried("bob", "10.0.0.1", limit - 1, minute)
    tried("cleo", "10.0.0.1", limit, period + minute)
    tried("dan", "10.0.0.1", limit - 1, minute * 3, "one browser")
    tried("dan", "10.0.0.1", 1, minute * 2, "another browser")
    tried("eve", "10.0.0.1", limit - 1, minute)
    tried("eve", "10.0.0.2", limit - 1, minute)

    assert locks(NOW) == [
        Lock(username="ada", address="10.0.0.1", failures=limit, until=NOW - minute + period),
        Lock(username="dan", address="10.0.0.1", failures=limit, until=NOW - 2 * minute + period),
    ]
