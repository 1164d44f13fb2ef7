"""The rows hold what the wire lets through, and refuse what would be wrong whoever writes it."""

import re
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, models, transaction
from msgspec import inspect

from ingest import models as rows
from ingest.domain.events import BootFacts, Reporter, Resource
from ingest.models import Boot, Environment, Event, Instance, Key, Release, Service, Tally

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 16, tzinfo=UTC)


@pytest.fixture
def boot() -> Boot:
    environment = Environment.objects.create(service=Service.objects.create(name="s"), name="e")
    return Boot.objects.create(
        ident="b",
        environment=environment,
        release=Release.objects.create(environment=environment, name="r"),
        instance=Instance.objects.create(environment=environment, name="i"),
        started_at=NOW,
        first_seen_at=NOW,
        last_seen_at=NOW,
    )


def event(owner: Boot, **fields: Any) -> Event:
    said = {
        "role": "service",
        "reporter": "p",
        "kind": "alive",
        "revision": 1,
        "body": "{}",
        "received_at": NOW,
    }
    return Event.objects.create(**{"environment": owner.environment, "boot": owner, **said, **fields})


def refuses(make: Any) -> bool:
    try:
        with transaction.atomic():
            make()
    except IntegrityError:
        return True
    return False


def test_the_migrations_make_these_rows() -> None:
    call_command("makemigrations", check=True, dry_run=True, stdout=StringIO())


def test_every_row_says_what_it_is() -> None:
    described = [
        model for model in vars(rows).values() if isinstance(model, type) and issubclass(model, models.Model)
    ]
    assert [model.__name__ for model in described if model.__str__ is models.Model.__str__] == []
    assert len(described) >= 12


def test_an_identity_is_stored_once(boot: Boot) -> None:
    event(boot, seq=1)
    assert refuses(lambda: event(boot, seq=1)) is True
    assert refuses(lambda: event(boot, seq=2)) is False
    assert refuses(lambda: event(boot, seq=1, role="gateway")) is False
    assert refuses(lambda: event(boot, seq=1, reporter="q")) is False


def test_without_a_boot_an_identity_is_stored_once_too(boot: Boot) -> None:
    event(boot, boot=None, ident="x")
    assert refuses(lambda: event(boot, boot=None, ident="x")) is True
    assert refuses(lambda: event(boot, boot=None, ident="y")) is False


def test_an_event_needs_an_identity(boot: Boot) -> None:
    assert refuses(lambda: event(boot, seq=None)) is True
    assert refuses(lambda: event(boot, boot=None, seq=1)) is True


def test_a_boot_id_is_used_once(boot: Boot) -> None:
    copy = Boot.objects.get(pk=boot.pk)
    copy.pk = None
    assert refuses(lambda: copy.save(force_insert=True)) is True


def test_a_window_does_not_end_before_it_begins(boot: Boot) -> None:
    def tally(ref: str, to_age: float) -> Tally:
        return Tally.objects.create(
            boot=boot, ref=ref, kind="sockets.opened", from_age=1.0, to_age=to_age, count=1
        )

    assert refuses(lambda: tally("a", 0.5)) is True
    assert refuses(lambda: tally("b", 1.0)) is False


def longest(record: type, field: str) -> int:
    """The most characters that the wire lets through for a field."""
    info = inspect.type_info(record)
    assert isinstance(info, inspect.StructType)
    kind: Any = next(f.type for f in info.fields if f.name == field)
    options = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    return max(option.max_length or 0 for option in options if isinstance(option, inspect.StrType))


@pytest.mark.parametrize(
    ("record", "field", "model", "column"),
    [
        (Resource, "service", Service, "name"),
        (Resource, "environment", Environment, "name"),
        (Resource, "release", Release, "name"),
        (Resource, "instance", Instance, "name"),
        (Resource, "region", Boot, "region"),
        (Reporter, "name", Event, "reporter"),
    ],
)
def test_a_column_holds_whatever_the_wire_lets_through(
    record: type, field: str, model: type[models.Model], column: str
) -> None:
    length: Any = getattr(model._meta.get_field(column), "max_length", None)
    assert length >= longest(record, field)


@pytest.mark.parametrize("column", ["ident", "parent"])
def test_boot_ids_fit(column: str) -> None:
    info: Any = inspect.type_info(BootFacts)
    pattern = next(field.type.pattern for field in info.fields if field.name == "id")
    length: Any = getattr(Boot._meta.get_field(column), "max_length", None)

    assert re.fullmatch(pattern, "x" * length) is not None
    assert re.fullmatch(pattern, "x" * (length + 1)) is None


def test_a_key_shows_no_more_than_its_prefix() -> None:
    assert str(Key(prefix="fs_abcdefgh", scope="write", digest="d" * 64)) == "fs_abcdefgh… (write)"
