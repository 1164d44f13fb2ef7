"""People of every role, and browsers in which they are signed in."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from ingest.domain.people import Role
from ingest.store import people

BACKEND = "django.contrib.auth.backends.ModelBackend"
PASSWORD = "correct horse battery"


def person(name: str, role: Role | None = Role.VIEWER, *, password: str = "") -> User:
    """Make an account of that role, or of none; without a password it can only be signed in by force."""
    if role is None:
        user = User.objects.create_user(name)
    else:
        user = User.objects.get(pk=people.add(name, role, by="", now=timezone.now()))
    if password:
        # Once round instead of a million times: a stored password like any other, and no test waits for it.
        user.password = PBKDF2PasswordHasher().encode(password, "salt", iterations=1)
        user.save(update_fields=["password"])
    return user


def signed_in(name: str = "ada", role: Role | None = Role.VIEWER, *, password: str = "") -> Client:
    """Return a browser of somebody of that role, who is made where there is nobody of the name."""
    user = User.objects.filter(username=name).first() or person(name, role, password=password)
    client = Client()
    client.force_login(user, BACKEND)
    return client
