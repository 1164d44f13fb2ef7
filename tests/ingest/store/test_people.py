"""Adding and changing people: at once, on record, and never so that nobody is left to mend it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.sessions.models import Session

from ingest.domain.people import Role
from ingest.models import AuditEntry
from ingest.store import people
from tests.people import PASSWORD, person, signed_in

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 16, 12, tzinfo=UTC)
OWN = "This is your own account: another admin can change it."
NOBODY = "Nobody would be left who can sign in as an admin."
GONE = "There is no such account any more."

CHANGES: dict[str, Callable[..., Any]] = {
    "set_role": lambda pk, by: people.set_role(pk, Role.VIEWER, by=by, now=NOW),
    "deactivate": lambda pk, by: people.deactivate(pk, by=by, now=NOW),
    "reactivate": lambda pk, by: people.reactivate(pk, by=by, now=NOW),
    "reset_password": lambda pk, by: people.reset_password(pk, by=by, now=NOW),
}


@pytest.fixture
def ada() -> User:
    """An admin who can sign in."""
    return person("ada", Role.ADMIN, password=PASSWORD)


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def attempt(username: str, address: str = "10.0.0.1", failures: int = 5) -> AccessAttempt:
    return AccessAttempt.objects.create(
        username=username, ip_address=address, failures_since_start=failures, user_agent=""
    )


def refused(act: Callable[[], Any]) -> str:
    with pytest.raises(people.NotAllowed) as said:
        act()
    return str(said.value)


def last_entry() -> tuple[Any, ...]:
    return (
        AuditEntry.objects.order_by("pk").values_list("act", "by", "subject", "before", "after").last() or ()
    )


@pytest.mark.parametrize("role", Role)
def test_somebody_added_has_their_role_and_no_password(role: Role) -> None:
    user = User.objects.get(pk=people.add("grace", role, by="ada", now=NOW))

    assert (people.role_of(user), user.has_usable_password()) == (role, False)
    assert last_entry() == ("person added", "ada", "grace", {}, {"role": role})


@pytest.mark.parametrize("name", ["grace", "Grace"])
def test_a_name_is_given_once_in_whatever_case(name: str) -> None:
    person("grace")
    said = refused(lambda: people.add(name, Role.ADMIN, by="ada", now=NOW))
    assert (said, User.objects.count()) == (f"Somebody is called {name} already.", 1)


@pytest.mark.parametrize("before", [*Role, None])
@pytest.mark.parametrize("after", Role)
def test_a_role_replaces_the_one_before(ada: User, before: Role | None, after: Role) -> None:
    user = person("grace", before)
    people.set_role(user.pk, after, by=ada.username, now=NOW)
    assert people.role_of(fresh(user)) is after


def test_a_change_of_role_is_on_record_and_none_is_not(ada: User) -> None:
    user = person("grace", Role.VIEWER)
    for _ in range(2):
        people.set_role(user.pk, Role.RESPONDER, by=ada.username, now=NOW)

    assert last_entry() == ("role changed", "ada", "grace", {"role": "viewer"}, {"role": "responder"})
    assert AuditEntry.objects.filter(act="role changed").count() == 1


def test_nobody_and_whoever_is_deactivated_have_no_role() -> None:
    user = person("grace", Role.ADMIN)
    user.is_active = False
    assert (people.role_of(AnonymousUser()), people.role_of(user)) == (None, None)


@pytest.mark.parametrize("change", CHANGES)
def test_nobody_changes_their_own_account(ada: User, change: str) -> None:
    person("grace", Role.ADMIN, password=PASSWORD)
    assert refused(lambda: CHANGES[change](ada.pk, "ada")) == OWN
    assert people.role_of(fresh(ada)) is Role.ADMIN


@pytest.mark.parametrize("change", ["set_role", "deactivate", "reset_password"])
def test_the_last_admin_who_can_sign_in_stays(ada: User, change: str) -> None:
    person("invited", Role.ADMIN)
    assert refused(lambda: CHANGES[change](ada.pk, "somebody who was an admin a moment ago")) == NOBODY
    now = fresh(ada)
    assert (people.role_of(now), now.is_active, now.check_password(PASSWORD)) == (Role.ADMIN, True, True)


@pytest.mark.parametrize("change", ["set_role", "deactivate", "reset_password"])
def test_an_admin_beside_another_can_be_changed(ada: User, change: str) -> None:
    other = person("grace", Role.ADMIN, password=PASSWORD)
    CHANGES[change](other.pk, ada.username)
    assert last_entry()[1:3] == ("ada", "grace")


@pytest.mark.parametrize("change", CHANGES)
def test_an_account_that_is_gone_is_said_so(change: str) -> None:
    assert refused(lambda: CHANGES[change](4711, "ada")) == GONE


def test_deactivating_ends_this_person_s_sessions_for_good_and_nobody_else_s(ada: User) -> None:
    user = person("grace")
    browser, other = signed_in("grace"), signed_in("ada")
    people.deactivate(user.pk, by=ada.username, now=datetime.now(UTC))
    people.reactivate(user.pk, by=ada.username, now=NOW)

    assert (browser.get("/").status_code, other.get("/").status_code) == (302, 200)
    assert Session.objects.count() == 1
    assert [*AuditEntry.objects.order_by("pk").values_list("act", flat=True)][-2:] == [
        "person deactivated",
        "person reactivated",
    ]


def test_deactivating_twice_is_on_record_once(ada: User) -> None:
    user = person("grace")
    for _ in range(2):
        people.deactivate(user.pk, by=ada.username, now=NOW)
    assert AuditEntry.objects.filter(act="person deactivated").count() == 1


def test_a_reset_ends_sessions_and_locks_and_takes_the_password_away(ada: User) -> None:
    user = person("grace", password=PASSWORD)
    browser = signed_in("grace")
    attempt("grace")
    attempt("other")
    people.reset_password(user.pk, by=ada.username, now=NOW)

    assert (browser.get("/").status_code, fresh(user).has_usable_password()) == (302, False)
    assert list(AccessAttempt.objects.values_list("username", flat=True)) == ["other"]
    assert last_entry() == ("password reset", "ada", "grace", {}, {})


def test_a_password_that_was_set_is_on_record_and_wrong_ones_are_forgotten() -> None:
    attempt("grace")
    people.password_set("grace", now=NOW)
    assert (last_entry()[:3], AccessAttempt.objects.count()) == (("password set", "grace", "grace"), 0)


def test_a_lock_is_lifted_for_a_name_and_address(ada: User) -> None:
    attempt("grace", "10.0.0.1")
    attempt("grace", "10.0.0.2")

    lifted = [people.unlock("grace", "10.0.0.1", by=ada.username, now=NOW) for _ in range(2)]

    assert (lifted, AccessAttempt.objects.get().ip_address) == ([True, False], "10.0.0.2")
    assert last_entry() == ("sign-in unlocked", "ada", "grace from 10.0.0.1", {}, {})


def test_a_session_that_is_over_is_not_looked_into(ada: User) -> None:
    user = person("grace")
    signed_in("grace")
    Session.objects.update(expire_date=NOW - timedelta(days=1))
    people.deactivate(user.pk, by=ada.username, now=NOW)
    assert Session.objects.count() == 1
