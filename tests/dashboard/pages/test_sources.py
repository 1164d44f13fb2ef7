"""Which page a path belongs to."""

import pytest
from django.urls import reverse, set_script_prefix

from dashboard.pages.boot import BootSource
from dashboard.pages.fleet import FleetSource
from dashboard.pages.release import ReleaseSource
from dashboard.pages.sources import source_of


def test_each_live_page_is_found_by_its_path() -> None:
    assert [source_of("/"), source_of("/boots/x/")] == [FleetSource(), BootSource(ident="x")]


@pytest.mark.parametrize("name", ["r 1", "a/b~c", "<b>", "100%", "%2F", "日本", "a?b#c", ".."])
def test_a_link_to_a_release_leads_to_that_release(name: str) -> None:
    path = reverse("release", args=[name, name, name])
    assert source_of(path) == ReleaseSource(service=name, environment=name, release=name)


def test_a_query_can_ask_for_every_boot() -> None:
    source = source_of("/services/a/b/releases/c/?all=1")
    assert source == ReleaseSource(service="a", environment="b", release="c", everything=True)


@pytest.mark.parametrize("path", ["", "/nowhere/", "/sign-in/", "http://elsewhere/nowhere", "//"])
def test_other_paths_are_no_live_pages(path: str) -> None:
    assert source_of(path) is None


def test_a_page_below_the_base_path_is_found_there_and_nowhere_else() -> None:
    set_script_prefix("/falsestart/")
    found = [source_of(path) for path in ("/falsestart/", "/falsestart/boots/x/", "/boots/x/", "/falsestart")]
    set_script_prefix("/")
    assert found == [FleetSource(), BootSource(ident="x"), None, None]
