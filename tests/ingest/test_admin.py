"""Keys are revoked in the admin, and neither made nor deleted there."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from ingest.models import Key
from ingest.store import keys

pytestmark = pytest.mark.django_db


@pytest.fixture
def key() -> Key:
    keys.create("write", "chat-backend")
    return Key.objects.get()


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("root"))
    return client


def test_a_revoked_key_is_dated_and_stays(administrator: Client, key: Key) -> None:
    administrator.post("/admin/ingest/key/", {"action": "revoke", "_selected_action": [key.pk]})

    assert Key.objects.exclude(revoked_at=None).count() == 1


def test_no_key_is_made_or_deleted_there(administrator: Client, key: Key) -> None:
    pages = ["/admin/ingest/key/add/", f"/admin/ingest/key/{key.pk}/delete/"]

    assert [administrator.get(page).status_code for page in pages] == [403, 403]


def test_the_limits_of_a_key_cannot_be_widened(administrator: Client, key: Key) -> None:
    administrator.post(
        f"/admin/ingest/key/{key.pk}/change/", {"label": "chat", "service": "", "scope": "read"}
    )

    assert Key.objects.values_list("label", "service", "scope").get() == ("chat", "chat-backend", "write")
