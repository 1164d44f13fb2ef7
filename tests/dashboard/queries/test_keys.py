"""The keys that were made, and the names they may be limited to."""

from datetime import UTC, datetime, timedelta

import pytest

from dashboard.queries import keys as rows
from ingest.models import Key
from ingest.store import keys
from tests.dashboard import builder

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 16, 12, tzinfo=UTC)


def test_keys_that_work_come_first_and_the_newest_of_each_before() -> None:
    keys.create("write", label="old")
    keys.create("write", label="revoked")
    keys.create("write", label="expired", expires_at=NOW)
    keys.create("write", label="new", expires_at=NOW + timedelta(1))
    keys.revoke(Key.objects.get(label="revoked").pk, NOW)
    assert [key.label for key in rows.keys(NOW)] == ["new", "old", "expired", "revoked"]


def test_a_row_has_nothing_of_the_secret_but_what_people_may_see() -> None:
    secret = keys.create("write")
    (row,) = rows.keys(NOW)
    assert (row.prefix, secret in str(row), Key.objects.get().digest in str(row)) == (
        secret[:11],
        False,
        False,
    )


@pytest.mark.parametrize("pk", [0, 2**63, 10**40])
def test_a_key_that_does_not_exist_is_none(pk: int) -> None:
    assert rows.key(pk) is None


def test_names_are_those_that_have_reported() -> None:
    for service, environment in (("b", "live"), ("a", "live"), ("a", "demo")):
        builder.environment(service, environment)
    assert rows.names() == rows.Names(services=["a", "b"], environments=["demo", "live"])
