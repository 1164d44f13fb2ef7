"""People: who is added, what role they have, whether they may sign in. Every act is on record."""

from datetime import datetime

from axes.models import AccessAttempt
from django.contrib.auth.models import AnonymousUser, Group, User
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction

from ingest.domain.people import Act, Role
from ingest.store import audit

UNUSABLE = "!"  # How the stored form of a password begins that nobody can sign in with.


class NotAllowed(Exception):  # noqa: N818 - an answer, not an accident
    """An act that would be a mistake; the message is a sentence for whoever tried it."""


def add(username: str, role: Role, *, by: str, now: datetime) -> int:
    """Add somebody without a password, who sets one by a link; return the id of the account.

    Raises `NotAllowed` where the name is taken, in whatever case: two who look alike would be mixed up.
    """
    taken = NotAllowed(f"Somebody is called {username} already.")
    if User.objects.filter(username__iexact=username).exists():
        raise taken
    try:
        with transaction.atomic():
            user = User.objects.create_user(username)
            _give(user, role)
            audit.note(Act.PERSON_ADDED, username, by=by, at=now, after={"role": role})
    except IntegrityError:
        raise taken from None
    return user.pk


def set_role(pk: int, role: Role, *, by: str, now: datetime) -> None:
    """Give somebody another role, in force at once. Raises `NotAllowed`, as `_changing` says."""
    with transaction.atomic():
        user = _changing(pk, by)
        before = granted(user)
        if before is role:
            return
        _give(user, role)
        _refuse_without_admin()
        was = {"role": before} if before else {}
        audit.note(Act.ROLE_CHANGED, user.username, by=by, at=now, before=was, after={"role": role})


def deactivate(pk: int, *, by: str, now: datetime) -> None:
    """Let somebody sign in no more and end their sessions. Raises `NotAllowed`, as `_changing` says."""
    with transaction.atomic():
        user = _changing(pk, by)
        if not user.is_active:
            return
        User.objects.filter(pk=pk).update(is_active=False)
        _refuse_without_admin()
        # Not only until somebody reactivates them: an old session must not come back to life.
        _end_sessions(pk, now)
        audit.note(Act.DEACTIVATED, user.username, by=by, at=now)


def reactivate(pk: int, *, by: str, now: datetime) -> None:
    """Let somebody sign in again. Raises `NotAllowed`, as `_changing` says."""
    with transaction.atomic():
        user = _changing(pk, by)
        if User.objects.filter(pk=pk, is_active=False).update(is_active=True):
            audit.note(Act.REACTIVATED, user.username, by=by, at=now)


def reset_password(pk: int, *, by: str, now: datetime) -> None:
    """Take somebody's password away, which signs them out everywhere.

    Raises `NotAllowed`, as `_changing` says.
    """
    with transaction.atomic():
        user = _changing(pk, by)
        user.set_unusable_password()
        user.save(update_fields=["password"])
        _refuse_without_admin()
        AccessAttempt.objects.filter(username=user.username).delete()
        audit.note(Act.PASSWORD_RESET, user.username, by=by, at=now)


def password_set(username: str, *, now: datetime) -> None:
    """Record that somebody set their own password, and forget the wrong ones that they tried."""
    with transaction.atomic():
        AccessAttempt.objects.filter(username=username).delete()
        audit.note(Act.PASSWORD_SET, username, by=username, at=now)


def unlock(username: str, address: str, *, by: str, now: datetime) -> bool:
    """Forget the wrong passwords tried for a name from an address; False where none are known."""
    with transaction.atomic():
        forgotten, _ = AccessAttempt.objects.filter(username=username, ip_address=address or None).delete()
        if forgotten:
            audit.note(Act.UNLOCKED, f"{username} from {address}", by=by, at=now)
    return bool(forgotten)


def role_of(user: User | AnonymousUser) -> Role | None:
    """Return the role that somebody may act in now; None for nobody, and while they are deactivated."""
    return granted(user) if isinstance(user, User) and user.is_active else None


def granted(user: User) -> Role | None:
    """Return the role that an account was given, or None where it was given none."""
    if user.is_superuser:
        return Role.ADMIN
    names = {group.name for group in user.groups.all()}
    return next((role for role in (Role.RESPONDER, Role.VIEWER) if role in names), None)


def _give(user: User, role: Role) -> None:
    groups = [Group.objects.get_or_create(name=kind)[0] for kind in (Role.VIEWER, Role.RESPONDER)]
    user.groups.remove(*groups)
    user.groups.add(*(group for group in groups if group.name == role))
    user.is_superuser = role is Role.ADMIN
    user.save(update_fields=["is_superuser"])


def _changing(pk: int, by: str) -> User:
    """Return an account about to be changed by somebody else.

    Raises `NotAllowed` where there is none, or where somebody would change their own: who makes a mistake
    there cannot mend it.
    """
    # All admins are locked, in one order: of two who demote each other at once, the second sees the first.
    list(User.objects.select_for_update().filter(is_superuser=True).order_by("pk").values_list("pk"))
    user = User.objects.filter(pk=pk).first()
    if user is None:
        msg = "There is no such account any more."
        raise NotAllowed(msg)
    if user.username == by:
        msg = "This is your own account: another admin can change it."
        raise NotAllowed(msg)
    return user


def _refuse_without_admin() -> None:
    """Raise `NotAllowed` where nobody would be left who can sign in and manage people."""
    admins = User.objects.filter(is_superuser=True, is_active=True)
    if not admins.exclude(password__startswith=UNUSABLE).exists():
        msg = "Nobody would be left who can sign in as an admin."
        raise NotAllowed(msg)


def _end_sessions(pk: int, now: datetime) -> None:
    # A session's owner is inside of what it stores, so all that live are read; an organisation has few.
    live = Session.objects.filter(expire_date__gt=now)
    owned = [
        session.pk for session in live.iterator() if session.get_decoded().get("_auth_user_id") == str(pk)
    ]
    Session.objects.filter(pk__in=owned).delete()
