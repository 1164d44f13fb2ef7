"""People: added with a link, changed at once, and no act that would leave nobody to mend it."""

import re
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from ingest.domain.people import Role
from ingest.store.people import role_of
from tests.people import PASSWORD, person, signed_in

pytestmark = pytest.mark.django_db

NEW = "/settings/people/new/"
ANOTHER = "another horse battery"


@pytest.fixture
def admin() -> Client:
    return signed_in("ada", Role.ADMIN, password=PASSWORD)


def page_of(user: User, act: str = "") -> str:
    return f"/settings/people/{user.pk}/" + (f"{act}/" if act else "")


def link_in(answer: Any) -> str:
    found = re.search(r'<code id="link">(http://testserver[^<]+)</code>', answer.content.decode())
    assert found
    return found[1].removeprefix("http://testserver")


def set_password(link: str, password: str, browser: Client | None = None) -> Any:
    browser = browser or Client()
    form = browser.get(link)
    return browser.post(
        form.get("Location", link), {"new_password1": password, "new_password2": password}, follow=True
    )


def test_somebody_added_sets_a_password_by_a_link_and_signs_in(admin: Client) -> None:
    link = link_in(admin.post(NEW, {"username": "grace", "role": "responder"}))
    browser = Client()
    after = set_password(link, ANOTHER, browser)
    assert "Your password is set. Sign in with it." in after.content.decode()

    browser.post("/sign-in/", {"username": "grace", "password": ANOTHER})
    grace = User.objects.get(username="grace")
    assert (browser.get("/").status_code, role_of(grace)) == (200, Role.RESPONDER)


def test_a_link_is_good_once(admin: Client) -> None:
    link = link_in(admin.post(NEW, {"username": "grace", "role": "viewer"}))
    set_password(link, ANOTHER)
    again = set_password(link, "yet another horse")
    assert "This link does not work" in again.content.decode()
    assert User.objects.get(username="grace").check_password(ANOTHER) is True


def test_a_link_is_of_no_use_while_its_account_is_deactivated(admin: Client) -> None:
    link = link_in(admin.post(NEW, {"username": "grace", "role": "viewer"}))
    admin.post(page_of(User.objects.get(username="grace"), "deactivate"))
    assert "This link does not work" in set_password(link, ANOTHER).content.decode()


@pytest.mark.parametrize("password", ["short", "password123", "grace2grace"])
def test_a_weak_password_is_refused_by_its_field(admin: Client, password: str) -> None:
    link = link_in(admin.post(NEW, {"username": "grace2grace", "role": "viewer"}))
    page = set_password(link, password).content.decode()
    assert "id_new_password2_error" in page or "id_new_password1_error" in page
    assert User.objects.get(username="grace2grace").has_usable_password() is False


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"username": ""}, "username"),
        ({"username": "a b"}, "username"),
        ({"username": "x" * 151}, "username"),
        ({"username": "ADA"}, "username"),
        ({"role": ""}, "role"),
        ({"role": "root"}, "role"),
    ],
)
def test_who_cannot_be_added_is_said_by_the_field(admin: Client, typed: dict[str, str], field: str) -> None:
    answer = admin.post(NEW, {"username": "grace", "role": "viewer", **typed})
    assert (answer.status_code, User.objects.count()) == (422, 1)
    assert re.findall(r'id="id_(\w+)_error"', answer.content.decode()) == [field]


def test_a_role_is_changed_on_somebody_s_page(admin: Client) -> None:
    grace = person("grace")
    answer = admin.post(page_of(grace), {"role": "responder"}, follow=True)
    assert "grace is now a responder" in answer.content.decode()
    assert role_of(User.objects.get(pk=grace.pk)) is Role.RESPONDER


@pytest.mark.parametrize(("act", "sent"), [("", {"role": "viewer"}), ("deactivate", {}), ("reset", {})])
def test_one_s_own_account_is_left_to_another_admin(admin: Client, act: str, sent: dict[str, str]) -> None:
    ada = User.objects.get(username="ada")
    answer = admin.post(page_of(ada, act), sent)
    assert (answer.status_code, "This is your own account" in answer.content.decode()) == (409, True)
    assert (admin.get("/settings/people/").status_code, role_of(User.objects.get(pk=ada.pk))) == (
        200,
        Role.ADMIN,
    )


def test_somebody_deactivated_is_signed_out_and_can_come_back(admin: Client) -> None:
    grace = person("grace", password=PASSWORD)
    browser = signed_in("grace")
    admin.post(page_of(grace, "deactivate"))
    refused = browser.get("/")
    fresh = Client().post("/sign-in/", {"username": "grace", "password": PASSWORD}).status_code
    listed = admin.get("/settings/people/").content.decode()
    admin.post(page_of(grace, "reactivate"))

    assert (refused.status_code, fresh, "deactivated" in listed) == (302, 200, True)
    assert User.objects.get(pk=grace.pk).is_active is True


def test_a_reset_gives_a_link_and_takes_the_password_away(admin: Client) -> None:
    grace = person("grace", password=PASSWORD)
    browser = signed_in("grace")
    link = link_in(admin.post(page_of(grace, "reset")))
    gone = browser.get("/").status_code
    set_password(link, ANOTHER)
    now = User.objects.get(pk=grace.pk)
    assert (gone, now.check_password(PASSWORD), now.check_password(ANOTHER)) == (302, False, True)


def test_a_lock_is_seen_and_lifted(admin: Client) -> None:
    person("grace", password=PASSWORD)
    wrong = {"username": "grace", "password": "no"}
    for _ in range(settings.AXES_FAILURE_LIMIT):
        Client().post("/sign-in/", wrong)
    seen = admin.get("/settings/people/").content.decode()
    lifted = admin.post(
        "/settings/people/unlock/", {"username": "grace", "address": "127.0.0.1"}, follow=True
    )
    right = Client().post("/sign-in/", {"username": "grace", "password": PASSWORD})

    assert ("1 sign-in locked" in seen, "sign-in locked" in seen) == (True, True)
    assert "grace can be signed in with from 127.0.0.1 again" in lifted.content.decode()
    assert (right.status_code, right["Location"]) == (302, "/")


def test_lifting_what_is_not_locked_changes_nothing(admin: Client) -> None:
    AccessAttempt.objects.create(username="grace", ip_address="127.0.0.1", failures_since_start=1)
    lifted = admin.post(
        "/settings/people/unlock/", {"username": "grace", "address": "127.0.0.1"}, follow=True
    )
    assert ("This lock is gone already" in lifted.content.decode(), AccessAttempt.objects.count()) == (
        True,
        1,
    )
