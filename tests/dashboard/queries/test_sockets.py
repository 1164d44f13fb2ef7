"""Sockets: in the promised order on every database."""

import pytest

from dashboard.queries import sockets
from dashboard.queries.scope import Filters, Scope
from tests.dashboard.api import stored

pytestmark = pytest.mark.django_db


def test_equal_ages_are_told_in_the_order_of_code_points_whatever_the_locale() -> None:
    boot = stored.boot("b")
    for key in ("ä", "a", "B", "~service/p#2", "Z"):
        stored.socket(boot, key, 1.0, socket=key)

    assert [row["socket"] for row in sockets.of_boot(boot.pk)] == ["B", "Z", "a", "~service/p#2", "ä"]


def test_the_sockets_of_another_boot_are_not_told() -> None:
    mine, other = stored.boot("a"), stored.boot("b")
    stored.socket(mine, "k", socket="mine")
    stored.socket(other, "k", socket="other")

    assert [row["socket"] for row in sockets.of_boot(mine.pk)] == ["mine"]


def test_sockets_that_open_at_once_are_told_newest_row_first() -> None:
    boot = stored.boot("b")
    for number in range(3):
        stored.socket(boot, f"k{number}", 1.0, socket=f"k{number}")

    page = sockets.listed(Scope(), Filters(), None, 2)

    assert [row["socket"] for row in page.rows] == ["k2", "k1"]
    assert [row["socket"] for row in sockets.listed(Scope(), Filters(), page.end, 2).rows] == ["k0"]
