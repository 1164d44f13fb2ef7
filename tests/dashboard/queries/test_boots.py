"""Boots: whole and of one record, however many statements it takes to read them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from dashboard.queries import boots
from dashboard.queries.scope import Filters, Scope
from ingest.models import Boot
from tests.dashboard.api import stored

pytestmark = pytest.mark.django_db

EVERYTHING = Scope()


@contextmanager
def interrupted(table: str, act: Callable[[], None], times: int) -> Iterator[None]:
    """Act right after each of the first statements that read a table."""
    left = iter(range(times))

    def watch(execute: Any, sql: str, *rest: Any) -> Any:
        result = execute(sql, *rest)
        if sql.startswith("SELECT") and f'FROM "{table}"' in sql and next(left, None) is not None:
            act()
        return result

    with connection.execute_wrapper(watch):
        yield


def record_again() -> None:
    """Record the boot anew as the store does, in one go: another state, another phase."""
    boot = Boot.objects.get(ident="b")
    boot.phases.all().delete()
    boot.phases.create(name="next", run=0, order=0, status="ok", kind="work", required=True)
    Boot.objects.filter(ident="b").update(mark=boot.mark + 1, state="ready")


def test_a_record_made_while_a_boot_is_read_does_not_mix_with_the_one_before() -> None:
    boot = stored.boot("b")
    boot.phases.create(name="first", run=0, order=0, status="running", kind="work", required=True)

    with interrupted("ingest_phase", record_again, times=1):
        whole = boots.find("b", EVERYTHING)

    assert whole is not None
    assert (whole.boot["state"], [phase["name"] for phase in whole.phases]) == ("ready", ["next"])


def test_a_boot_that_is_recorded_all_the_time_is_still_told() -> None:
    stored.boot("b")

    with interrupted("ingest_phase", record_again, times=100):
        whole = boots.find("b", EVERYTHING)

    assert whole is not None
    assert whole.boot["id"] == "b"


def test_a_boot_out_of_scope_is_not_found() -> None:
    stored.boot("b")

    assert boots.find("b", Scope(service="chat")) is not None
    assert boots.find("b", Scope(service="shop")) is None
    assert boots.find("b", Scope(service="chat", environment="live")) is None


def test_counts_are_of_each_boot_alone() -> None:
    for ident in ("a", "b"):
        boot = stored.boot(ident)
        stored.false_start(boot, "k")
    stored.socket(boot, "fine")

    page = boots.listed(EVERYTHING, Filters(), None, 10)

    counts = {row["id"]: row["counts"] for row in page.rows}
    assert counts == {
        "a": {"sockets": 1, "failed": 1, "false_starts": 1},
        "b": {"sockets": 2, "failed": 1, "false_starts": 1},
    }
