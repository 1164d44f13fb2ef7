"""What the supervisor keeps in the state directory, and what it puts into a new database."""

import stat
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.core.management.base import CommandError

from dashboard.management.up.state import (
    demo_key,
    embedded_address,
    first_password,
    only_supervisor,
    own_key,
    write_private,
)
from ingest.models import Key


def now() -> datetime:
    """A moment after everything in these tests."""
    return datetime.now(UTC)


def mode(path: Path) -> int:
    """The permissions of a file."""
    return stat.S_IMODE(path.stat().st_mode)


def test_a_second_supervisor_of_one_directory_is_refused(tmp_path: Path) -> None:
    """Two would start two of everything on the same database."""
    with only_supervisor(tmp_path), pytest.raises(CommandError) as refusal, only_supervisor(tmp_path):
        pass
    assert str(refusal.value).startswith(
        f"Falsestart already runs on the state directory {tmp_path} (process "
    )


def test_a_directory_is_free_again_when_its_supervisor_has_ended(tmp_path: Path) -> None:
    """The file stays, the lock does not."""
    with only_supervisor(tmp_path):
        pass
    with only_supervisor(tmp_path):
        assert (tmp_path / "up.lock").is_file()


def test_what_is_private_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Also when it replaces something that was not."""
    path = tmp_path / "secret"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, "new")
    assert (path.read_text(), mode(path), list(tmp_path.iterdir())) == ("new", 0o600, [path])


def test_the_embedded_server_keeps_its_address(tmp_path: Path) -> None:
    """Commands of the same state directory have read it already."""
    first, second = embedded_address(tmp_path), embedded_address(tmp_path)
    assert (first, mode(tmp_path / "redis.url")) == (second, 0o600)
    assert len(urlsplit(first).password or "") >= 32


@pytest.mark.django_db
def test_the_first_administrator_gets_a_password_once() -> None:
    """At the second start nobody is made."""
    password = first_password()
    admin = User.objects.get(is_superuser=True)
    assert (admin.username, admin.check_password(password or ""), first_password()) == ("admin", True, None)


@pytest.mark.django_db
def test_the_demo_uses_one_key_over_all_starts(tmp_path: Path) -> None:
    """It can write for the sample service and for nothing else."""
    assert (demo_key(tmp_path, now), mode(tmp_path / "demo.key")) == (demo_key(tmp_path, now), 0o600)
    key = Key.objects.get()
    assert (key.scope, key.service, key.environment) == ("write", "chat-backend", "demo")


@pytest.mark.django_db
def test_the_product_reports_about_itself_with_a_key_of_its_own(tmp_path: Path) -> None:
    """It can write for the product and for nothing else."""
    assert (own_key(tmp_path, now), mode(tmp_path / "own.key")) == (own_key(tmp_path, now), 0o600)
    key = Key.objects.get()
    assert (key.scope, key.service, key.environment) == ("write", "falsestart", "")


@pytest.mark.django_db
def test_the_demo_makes_a_new_key_when_the_database_does_not_know_the_kept_one(tmp_path: Path) -> None:
    """Somebody removed the database, and not the rest."""
    lost = demo_key(tmp_path, now)
    Key.objects.all().delete()
    assert demo_key(tmp_path, now) != lost
