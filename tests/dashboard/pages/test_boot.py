"""The boot page."""

import pytest

from dashboard.pages.boot import BootSource
from tests.dashboard import builder
from tests.dashboard.builder import NOW

pytestmark = pytest.mark.django_db


def test_a_boot_that_never_reported_has_no_page() -> None:
    assert BootSource(ident="none").load(NOW) is None


def test_failed_sockets_are_listed_and_the_others_only_drawn() -> None:
    made = builder.boot("r2", listening=2.0)
    builder.socket(made, 2.5)
    builder.socket(made, 4.0, "")
    page = BootSource(ident=made.ident).load(NOW)
    assert page is not None
    symbols = [trace["marker"].get("symbol") for trace in page.figures["timeline"]["data"]]
    assert (len(page.lists["sockets"]), "circle" in symbols, "line-ns-open" in symbols) == (1, True, True)


def test_a_client_that_joined_a_socket_is_counted_among_who_reported() -> None:
    made = builder.boot("r2", listening=2.0)
    builder.socket(made, 2.5, reporters=["client", "service"])
    page = BootSource(ident=made.ident).load(NOW)
    assert page is not None
    assert "reported by client, service." in page.regions["foot"]


def test_the_mark_is_the_boots_own() -> None:
    made = builder.boot("r2")
    assert BootSource(ident=made.ident).mark() == made.mark
