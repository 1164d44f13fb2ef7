"""Sessions: a form acts once, however often the browser sends it; what is over is forgotten."""

import re
from datetime import timedelta

import pytest
from axes.models import AccessAttempt, AccessLog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from ingest.domain.people import Role
from ingest.models import AuditEntry, Key
from ingest.store import sessions
from tests.people import PASSWORD, person, signed_in

pytestmark = pytest.mark.django_db

ASKED = {"label": "ci", "scope": "write", "expires": "30"}


@pytest.fixture
def admin() -> Client:
    return signed_in("ada", Role.ADMIN, password=PASSWORD)


def shown(browser: Client, path: str) -> dict[str, str]:
    """Open a form, and return the token that it carries."""
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get(path).content.decode())
    assert found
    return {"csrfmiddlewaretoken": found[1]}


def test_a_reload_of_the_answer_makes_no_second_key(admin: Client) -> None:
    form = {**ASKED, **shown(admin, "/settings/keys/new/")}
    answers = [admin.post("/settings/keys/new/", form) for _ in range(2)]
    page = admin.get("/settings/keys/")

    assert [(answer.status_code, b'id="secret"' in answer.content) for answer in answers] == [
        (200, True),
        (302, False),
    ]
    assert (Key.objects.count(), b"no second key was made" in page.content) == (1, True)


def test_the_form_opened_again_makes_another(admin: Client) -> None:
    forms = [{**ASKED, **shown(admin, "/settings/keys/new/")} for _ in range(2)]
    assert [admin.post("/settings/keys/new/", form).status_code for form in forms] == [200, 200]
    assert Key.objects.count() == 2


def test_a_form_that_was_not_valid_was_not_sent(admin: Client) -> None:
    token = shown(admin, "/settings/keys/new/")
    statuses = [admin.post("/settings/keys/new/", {**form, **token}).status_code for form in ({}, ASKED)]
    assert (statuses, Key.objects.count()) == ([422, 200], 1)


def test_a_reload_of_the_link_does_not_take_the_password_away_again(admin: Client) -> None:
    one = person("grace", password=PASSWORD)
    path = f"/settings/people/{one.pk}/reset/"
    form = shown(admin, path)
    first = admin.post(path, form)
    one.set_password(PASSWORD)
    one.save()
    second = admin.post(path, form, follow=True)

    one.refresh_from_db()
    assert (first.status_code, b"nothing was done again" in second.content) == (200, True)
    assert (one.has_usable_password(), AuditEntry.objects.filter(act="password reset").count()) == (True, 1)


def test_what_is_over_is_forgotten_and_what_still_counts_is_kept() -> None:
    now, moment = timezone.now(), timedelta(seconds=1)
    for name, expires in (("over", now - moment), ("live", now + moment)):
        Session.objects.create(session_key=name, session_data="", expire_date=expires)
    tried = [
        AccessAttempt.objects.create(username=name, failures_since_start=1) for name in ("long ago", "now")
    ]
    signed = [AccessLog.objects.create(username=name) for name in ("long ago", "now")]
    AccessAttempt.objects.filter(pk=tried[0].pk).update(
        attempt_time=now - settings.AXES_COOLOFF_TIME - moment
    )
    AccessLog.objects.filter(pk=signed[0].pk).update(attempt_time=now - sessions.SIGN_INS_KEPT - moment)

    sessions.forget(now)

    names = [model.objects.values_list("username", flat=True) for model in (AccessAttempt, AccessLog)]
    assert [*map(list, names), Session.objects.get().pk] == [["now"], ["now"], "live"]
