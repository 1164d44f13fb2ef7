"""Who may sign in, and who is locked out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.db.models import Max, Sum
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from ingest.domain.people import Role
from ingest.store.people import granted


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """An account."""

    id: int
    username: str
    role: Role | None
    active: bool
    invited: bool  # Whether no password has been set yet, so that nobody can sign in with it.
    last_sign_in: datetime | None
    joined: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Lock:
    """A name that cannot be signed in with from an address, after too many wrong passwords."""

    username: str
    address: str
    failures: int
    until: datetime  # If nobody tries again before.


def administrator_exists() -> bool:
    """Whether anybody may administer the product."""
    return User.objects.filter(is_superuser=True, is_active=True).exists()


def admins() -> list[str]:
    """Return the names of those who can give others a role."""
    names = User.objects.filter(is_superuser=True, is_active=True).order_by("username")
    return list(names.values_list("username", flat=True))


def everybody() -> list[Person]:
    """Return all accounts by name, those that cannot sign in last."""
    found = User.objects.prefetch_related("groups").order_by("-is_active", "username")
    return [_person(user) for user in found]


def person(pk: int) -> Person | None:
    """Return an account, or None where there is none."""
    user = User.objects.filter(pk=pk).first()
    return _person(user) if user else None


def password_link(pk: int) -> tuple[str, str]:
    """Return the two parts of a link by which an account's password can be set, once and for some days.

    It is signed and not stored; whatever sets the password, or signs in, ends it.
    """
    user = User.objects.get(pk=pk)
    return urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)


def locks(now: datetime) -> list[Lock]:
    """Return what is locked at `now`, by name."""
    period: timedelta = settings.AXES_COOLOFF_TIME
    tried = AccessAttempt.objects.filter(attempt_time__gte=now - period)
    # By name and address alone, as the lock itself counts: browsers may differ.
    sums = tried.order_by().values("username", "ip_address")
    rows = sums.annotate(failures=Sum("failures_since_start"), last=Max("attempt_time"))
    return [
        Lock(
            username=row["username"] or "",
            address=row["ip_address"] or "",
            failures=row["failures"],
            until=row["last"] + period,
        )
        for row in rows.filter(failures__gte=settings.AXES_FAILURE_LIMIT).order_by("username", "ip_address")
    ]


def _person(user: User) -> Person:
    return Person(
        id=user.pk,
        username=user.username,
        role=granted(user),
        active=user.is_active,
        invited=not user.has_usable_password(),
        last_sign_in=user.last_login,
        joined=user.date_joined,
    )
