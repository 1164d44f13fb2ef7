"""API keys in the database."""

from datetime import UTC, datetime, timedelta

import pytest

from ingest import auth
from ingest.models import AuditEntry, Key
from ingest.store import keys

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 16, 12, tzinfo=UTC)


def test_a_digest_and_what_people_may_see_are_all_that_is_stored() -> None:
    secret = keys.create("write", "chat", "prod", label="ci")

    stored = Key.objects.values().get()
    assert (stored["digest"], stored["prefix"]) == (auth.digest(secret), secret[:11])
    assert [name for name, value in stored.items() if secret in str(value)] == []
    assert (stored["scope"], stored["service"], stored["environment"], stored["label"]) == (
        "write",
        "chat",
        "prod",
        "ci",
    )


def test_a_secret_is_found_with_what_it_allows() -> None:
    secret = keys.create("read", "chat", expires_at=NOW + timedelta(1))

    assert keys.find(secret, NOW) == auth.Grant(
        key_id=Key.objects.get().pk,
        scope="read",
        service="chat",
        environment="",
        expires_at=NOW + timedelta(1),
    )


@pytest.mark.parametrize("secret", ["", "fs_", "fs_unknown", "\0", "é"])
def test_an_unknown_secret_allows_nothing(secret: str) -> None:
    keys.create("write")
    assert keys.find(secret, NOW) is None


def test_a_stored_digest_is_no_secret() -> None:
    keys.create("write")
    assert keys.find(Key.objects.get().digest, NOW) is None


def test_an_expired_key_allows_nothing_and_is_not_used() -> None:
    secret = keys.create("write", expires_at=NOW)
    assert keys.find(secret, NOW) is None
    assert Key.objects.get().last_used_at is None


def test_a_revoked_key_allows_nothing() -> None:
    secret = keys.create("write")
    Key.objects.update(revoked_at=NOW)
    assert keys.find(secret, NOW) is None


def test_its_last_use_is_known_to_the_minute() -> None:
    secret = keys.create("write")
    used = []
    for seconds in (0, 59, 60, 61):
        keys.find(secret, NOW + timedelta(seconds=seconds))
        used.append(Key.objects.get().last_used_at)

    assert used == [NOW, NOW, NOW, NOW + timedelta(seconds=61)]


def test_a_client_key_is_found_with_its_origins() -> None:
    secret = keys.create("client", origins=["https://b.example", "https://A.example"])
    grant = keys.find(secret, NOW)
    assert grant is not None
    assert (grant.scope, grant.origins) == (
        "client",
        frozenset({"https://a.example", "https://b.example"}),
    )


def test_what_cannot_be_bound_is_not_stored() -> None:
    with pytest.raises(ValueError):
        keys.create("client")
    assert Key.objects.count() == 0


def test_the_origins_are_those_of_live_keys() -> None:
    keys.create("client", origins=["https://a.example", "https://b.example"])
    keys.create("client", origins=["https://b.example"], expires_at=NOW + timedelta(1))
    keys.create("client", origins=["https://expired.example"], expires_at=NOW)
    keys.create("client", origins=["https://revoked.example"], label="revoked")
    Key.objects.filter(label="revoked").update(revoked_at=NOW)
    assert keys.origins(NOW) == {"https://a.example", "https://b.example"}


def test_a_key_is_revoked_once_and_by_whom_is_kept() -> None:
    secret = keys.create("write")
    pk = Key.objects.get().pk

    assert [keys.revoke(pk, NOW, by=who) for who in ("ada", "grace")] == [True, False]
    assert Key.objects.values_list("revoked_at", "revoked_by").get() == (NOW, "ada")
    assert keys.find(secret, NOW) is None


def test_a_key_that_does_not_exist_is_not_revoked() -> None:
    assert keys.revoke(1, NOW) is False


def test_making_and_revoking_a_key_is_on_record_without_its_secret() -> None:
    secret = keys.create("write", "chat", label="ci", by="ada")
    key = Key.objects.get()
    keys.revoke(key.pk, NOW, by="grace")
    keys.revoke(key.pk, NOW, by="late")

    rows = list(AuditEntry.objects.order_by("pk").values("act", "by", "subject", "after"))
    called = f"{key.prefix}… ci"
    assert rows == [
        {"act": "key made", "by": "ada", "subject": called, "after": {"scope": "write", "service": "chat"}},
        {"act": "key revoked", "by": "grace", "subject": called, "after": {}},
    ]
    assert secret not in str(rows)
