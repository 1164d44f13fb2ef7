"""Keys: made with what was asked for, shown once and nowhere else, revoked for good."""

import logging
import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from ingest import auth
from ingest.domain.people import Role
from ingest.models import AuditEntry, Key
from ingest.store import keys
from tests.people import signed_in

pytestmark = pytest.mark.django_db

ASKED = {"label": "ci", "scope": "write", "service": "chat", "environment": "demo", "expires": "30"}


@pytest.fixture
def admin() -> Client:
    return signed_in("ada", Role.ADMIN)


def secret_in(page: str) -> str:
    found = re.search(r'<code id="secret">(fs_[\w-]{43})</code>', page)
    assert found
    return found[1]


def test_a_key_is_made_as_it_was_asked_for(admin: Client) -> None:
    answer = admin.post("/settings/keys/new/", ASKED)
    key, secret = Key.objects.get(), secret_in(answer.content.decode())

    assert key.digest == auth.digest(secret)
    made = (key.label, key.scope, key.service, key.environment, key.origins, key.created_by)
    assert made == ("ci", "write", "chat", "demo", [], "ada")
    assert key.expires_at
    assert abs(key.expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)


def test_a_secret_is_in_one_answer_and_nowhere_else(admin: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = admin.post("/settings/keys/new/", ASKED)
    secret = secret_in(answer.content.decode())
    pages = [
        admin.get(path).content.decode() for path in ("/settings/keys/", "/settings/audit/", "/settings/")
    ]
    kept = [
        *Key.objects.values(),
        *AuditEntry.objects.values(),
        *(s.get_decoded() for s in Session.objects.all()),
    ]

    assert [place for place in [*pages, str(kept), caplog.text] if secret in place] == []
    assert ("no-store" in answer["Cache-Control"], answer.has_header("Location")) == (True, False)


def test_its_holder_gets_what_to_paste(admin: Client) -> None:
    page = admin.post("/settings/keys/new/", ASKED).content.decode()
    secret = secret_in(page)
    assert f"export FALSESTART_ENDPOINT=http://testserver\nexport FALSESTART_KEY={secret}" in page


def test_a_client_key_is_bound_to_its_origins(admin: Client) -> None:
    asked = {**ASKED, "scope": "client", "origins": "https://B.example\n https://a.example "}
    page = admin.post("/settings/keys/new/", asked).content.decode()
    assert Key.objects.get().origins == ["https://a.example", "https://b.example"]
    assert "import { watch } from" in page


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"label": ""}, "label"),
        ({"label": "x" * 201}, "label"),
        ({"label": "a\nb"}, "label"),
        ({"label": "a\0b"}, "label"),
        ({"scope": ""}, "scope"),
        ({"scope": "root"}, "scope"),
        ({"service": "x" * 201}, "service"),
        ({"environment": "a\0"}, "environment"),
        ({"scope": "client"}, "origins"),
        ({"scope": "client", "origins": "app.example.com"}, "origins"),
        ({"origins": "https://a.example"}, "origins"),
        ({"expires": "7"}, "expires"),
        ({"expires": "on"}, "until"),
        ({"expires": "on", "until": "2001-01-01"}, "until"),
        ({"expires": "on", "until": "9999-12-31"}, "until"),
        ({"expires": "on", "until": "tomorrow"}, "until"),
        ({"expires": "30", "until": "2030-01-01"}, "until"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field_and_kept_as_typed(
    admin: Client, changed: dict[str, str], field: str
) -> None:
    answer = admin.post("/settings/keys/new/", {**ASKED, "label": "typed <b>", **changed})
    page = answer.content.decode()
    assert (answer.status_code, Key.objects.count()) == (422, 0)
    assert re.findall(r'id="id_(\w+)_error"', page) == [field]
    assert ("typed &lt;b&gt;" in page) == ("label" not in changed)


def test_the_page_says_how_many_work_and_folds_the_others(admin: Client) -> None:
    now = timezone.now()
    keys.create("write", label="good")
    keys.create("read", label="ending", expires_at=now + timedelta(days=3))
    keys.create("read", label="over", expires_at=now - timedelta(days=3))
    keys.create("write", label="ended")
    keys.revoke(Key.objects.get(label="ended").pk, now, by="grace")

    page = admin.get("/settings/keys/").content.decode()
    working, _, folded = page.partition("<details")
    assert "2 keys work, 1 expires soon" in working
    assert [word in working for word in ("good", "ending", "expires soon", "over", "ended")] == [
        *(True,) * 3, *(False,) * 2,
    ]  # fmt: skip
    assert [word in folded for word in ("2 keys no longer work", "over", "expired", "ended", "by grace")] == [
        True
    ] * 5


def test_revoking_asks_first_and_then_ends_the_key_at_once(admin: Client) -> None:
    secret = keys.create("read", label="ci")
    key = Key.objects.get()
    path = f"/settings/keys/{key.pk}/revoke/"
    asked = admin.get(path).content.decode()
    before = keys.find(secret, timezone.now())
    answer = admin.post(path, follow=True)

    assert ("Revoke fs_" in asked, before is not None) == (True, True)
    assert f"{key.prefix}… is revoked" in answer.content.decode()
    key.refresh_from_db()
    assert (keys.find(secret, timezone.now()), key.revoked_by) == (None, "ada")


def test_revoking_twice_keeps_who_was_first(admin: Client) -> None:
    keys.create("read")
    pk = Key.objects.get().pk
    keys.revoke(pk, timezone.now(), by="grace")
    answer = admin.post(f"/settings/keys/{pk}/revoke/", follow=True)
    assert "was revoked before" in answer.content.decode()
    assert Key.objects.get().revoked_by == "grace"


def test_the_first_visit_leads_there() -> None:
    assert b'href="/settings/keys/new/"' in signed_in().get("/").content
