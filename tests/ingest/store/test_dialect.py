"""SQLite and PostgreSQL: other words, the same rows."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from ingest.models import Boot, Event
from ingest.store import dialect
from ingest.store.save import save_group
from tests.ingest.batches import document, incoming, numbered

pytestmark = pytest.mark.django_db(transaction=True)

AT = datetime(2026, 9, 16, 1, 42, 53, 123_456, tzinfo=UTC)


@pytest.fixture
def boot() -> Boot:
    save_group([incoming(document([]))])
    return Boot.objects.get()


def test_an_event_is_read_as_it_was_inserted(boot: Boot) -> None:
    row: dict[str, Any] = dict.fromkeys(dialect.EVENT_TYPES)
    if "instance" in row:
        row["instance"] = ""
    said = {
        "boot_id": boot.pk,
        "environment_id": boot.environment_id,
        "role": "service",
        "reporter": "prøbe 😀",
        "seq": 2**63 - 1,
        "kind": "alive",
        "age": -0.1,
        "at": AT,
        "revision": 1,
        "body": '{"x":"\\\\ \t\N{SNOWMAN}"}',
        "received_at": AT,
    }
    dialect.insert_events([tuple((row | said).values())])

    assert Event.objects.values(*said).get() == said
    assert Event.objects.get().ident is None


def test_rows_are_updated_each_with_its_own_values(boot: Boot) -> None:
    save_group([incoming(document([], boot="other"))])
    other = Boot.objects.exclude(pk=boot.pk).get()
    dialect.update_rows(
        "ingest_boot", ("region", "last_seen_at"), [(boot.pk, ("eu", AT)), (other.pk, ("us", AT))]
    )

    assert dict(Boot.objects.values_list("ident", "region")) == {"boot-1": "eu", "other": "us"}
    assert set(Boot.objects.values_list("last_seen_at", flat=True)) == {AT}


def test_nothing_to_do_is_no_statement(boot: Boot) -> None:
    dialect.insert_events([])
    dialect.update_rows("ingest_boot", ("region",), [])
    assert (Event.objects.count(), boot.region) == (0, "")


@pytest.mark.parametrize("values", [[], [1], list(range(40_000)), ["a", "it's", "%s", "é"]])
def test_one_parameter_asks_for_any_number_of_values(values: list[Any]) -> None:
    condition, parameter = dialect.among(values)
    asked = values[0] if values else 1
    if connection.vendor == "postgresql" and not values:
        return  # an empty array has no type to compare with outside a real column
    with connection.cursor() as cursor:
        kind = "bigint" if isinstance(asked, int) else "text"
        cursor.execute(f"SELECT 1 WHERE CAST(%s AS {kind}) {condition}", [asked, parameter])
        assert cursor.fetchall() == ([(1,)] if values else [])


@pytest.mark.parametrize("values", [[7], [-3, -1, 2], list(range(5_000)), [0, 2**63 - 1]])
def test_numbers_are_found_whether_they_lie_close_or_far_apart(values: list[int]) -> None:
    condition, parameters = dialect.among_numbers("n", values)
    outside = [values[0] - 1, values[len(values) // 2], values[-1], values[-1] - 10**6]
    with connection.cursor() as cursor:
        marks = " UNION ".join("SELECT CAST(%s AS bigint) AS n" for _ in outside)
        statement = f"SELECT n FROM ({marks}) AS asked WHERE {condition}"  # noqa: S608
        cursor.execute(statement, [*outside, *parameters])
        assert {n for (n,) in cursor.fetchall()} == set(outside) & set(values)


def test_numbers_far_apart_do_not_read_what_lies_between(boot: Boot) -> None:
    ages = [{"kind": "alive", "age": float(seq)} for seq in range(1, 100)]
    save_group([incoming(document(numbered(ages)))])
    condition, parameters = dialect.among_numbers("seq", [1, 99])

    with connection.cursor() as cursor:
        statement = f"SELECT seq FROM ingest_event WHERE boot_id = {boot.pk} AND {condition}"  # noqa: S608
        cursor.execute(statement, parameters)
        assert sorted(cursor.fetchall()) == [(1,), (99,)]
