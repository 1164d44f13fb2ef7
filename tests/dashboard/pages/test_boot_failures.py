"""What a failed phase says, beside what it took."""

import pytest

from dashboard.pages.boot import BootSource
from dashboard.pages.boot_failures import Failure, failures_of, failures_title, said_limit
from dashboard.queries.boot import boot
from tests.dashboard import builder
from tests.dashboard.builder import NOW

pytestmark = pytest.mark.django_db

TEXT = "TimeoutError: Database initialization timeout after 25.0s"


def failed(took: float = 2.5, error: str = TEXT) -> list[Failure]:
    made = builder.boot("r4", phases=(("database", took),), broken=("database", "timeout", error))
    found = boot(made.ident)
    return failures_of(found) if found else []


@pytest.mark.parametrize(
    ("status", "error", "said"),
    [
        ("timeout", TEXT, 25.0),
        ("failed", "asyncpg: connection timed out (limit 500 ms)", 0.5),
        ("timeout", "no answer within 2 minutes", 120.0),
        ("timeout", "after 5 s, at most 25 s", None),
        ("timeout", "gave up", None),
        ("failed", "retry in 5 s", None),
        ("timeout", "host db-25s at 10:25 said v2.5s", None),
    ],
)
def test_the_limit_that_a_text_names_is_read(status: str, error: str, said: float | None) -> None:
    assert said_limit(status, error) == said


def test_a_text_that_names_another_limit_is_contradicted() -> None:
    found = failed()
    assert (found[0].verdict, failures_title(found)) == (
        "The text says 25 s, the phase took 2.50 s. Another limit fired.",
        "database timed out after 2.50 s, not after 25 s",
    )


def test_a_text_that_agrees_is_left_alone() -> None:
    found = failed(25.1)
    assert (found[0].verdict, failures_title(found)) == (
        "The text says 25 s, the phase took 25.1 s.",
        "database timed out after 25.1 s",
    )


def test_a_text_without_a_limit_is_only_shown() -> None:
    found = failed(error="refused")
    assert (found[0].verdict, failures_title(found)) == ("", "database timed out after 2.50 s")


def test_the_page_says_it_with_both_marks() -> None:
    made = builder.boot("r4", phases=(("database", 2.5),), broken=("database", "timeout", TEXT))
    page = BootSource(ident=made.ident).load(NOW)
    shown = page.regions["failures"] if page else ""
    assert [word in shown for word in ("Another limit fired.", "fs-k-m", "fs-k-c")] == [True] * 3


def test_a_boot_whose_phases_ended_well_shows_no_failure() -> None:
    page = BootSource(ident=builder.boot("r1").ident).load(NOW)
    assert page is not None
    assert page.regions["failures"] == ""
