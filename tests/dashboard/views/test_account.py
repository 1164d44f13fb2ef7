"""One's own password: changed by who knows it, with every other browser signed out."""

import re

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from ingest.domain.people import Role
from ingest.models import AuditEntry
from tests.people import PASSWORD, signed_in

pytestmark = pytest.mark.django_db

ACCOUNT = "/settings/account/"
NEW = "another horse battery"
CHANGE = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}


@pytest.fixture
def browser() -> Client:
    return signed_in("ada", Role.VIEWER, password=PASSWORD)


def test_a_new_password_signs_out_every_other_browser(browser: Client) -> None:
    other, before = signed_in("ada"), browser.session.session_key
    answer = browser.post(ACCOUNT, CHANGE, follow=True)

    assert "signed out everywhere but here" in answer.content.decode()
    assert (browser.get("/").status_code, other.get("/").status_code) == (200, 302)
    assert User.objects.get().check_password(NEW) is True
    assert browser.session.session_key != before
    assert AuditEntry.objects.values_list("act", "by").last() == ("password set", "ada")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"old_password": "wrong"}, "old_password"),
        ({"new_password2": "different"}, "new_password2"),
        ({"new_password1": "short", "new_password2": "short"}, "new_password2"),
    ],
)
def test_what_is_wrong_is_said_by_its_field_and_changes_nothing(
    browser: Client, changed: dict[str, str], field: str
) -> None:
    answer = browser.post(ACCOUNT, {**CHANGE, **changed})
    assert answer.status_code == 422
    assert field in re.findall(r'id="id_(\w+)_error"', answer.content.decode())
    assert User.objects.get().check_password(PASSWORD) is True


def test_the_old_password_cannot_be_guessed_faster_here_than_at_the_door(browser: Client) -> None:
    wrong = {**CHANGE, "old_password": "wrong"}
    answers = [browser.post(ACCOUNT, wrong).status_code for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert answers == [422] * (settings.AXES_FAILURE_LIMIT - 1) + [429]
    assert browser.post(ACCOUNT, CHANGE).status_code == 429
    assert Client().post("/sign-in/", {"username": "ada", "password": PASSWORD}).status_code == 429
    assert User.objects.get().check_password(PASSWORD) is True


def test_what_was_tried_is_kept_without_any_password(browser: Client) -> None:
    browser.post(ACCOUNT, {"old_password": "wrong-one", "new_password1": NEW, "new_password2": NEW})
    kept = str(AccessAttempt.objects.values().get())
    assert [word for word in ("wrong-one", NEW) if word in kept] == []


def test_a_password_that_was_changed_forgives_the_wrong_ones_before(browser: Client) -> None:
    browser.post(ACCOUNT, {**CHANGE, "old_password": "wrong"})
    browser.post(ACCOUNT, CHANGE)
    assert AccessAttempt.objects.count() == 0


def test_an_account_without_a_role_has_a_password_too() -> None:
    browser = signed_in("eve", None, password=PASSWORD)
    assert browser.post(ACCOUNT, CHANGE)["Location"] == ACCOUNT
