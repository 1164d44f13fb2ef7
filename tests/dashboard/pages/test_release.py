"""The release page: lanes, headings, and the band that many boots are folded into."""

from datetime import timedelta

import pytest

from dashboard.pages.release import COLLAPSED_FROM, ReleaseSource, drawn_of
from dashboard.queries.release import release
from tests.dashboard import builder
from tests.dashboard.builder import NOW

pytestmark = pytest.mark.django_db

SOURCE = ReleaseSource(service="chat-backend", environment="staging", release="r2")


def labels(everything: bool = False) -> list[str]:
    found = release("chat-backend", "staging", "r2")
    assert found is not None
    drawn = drawn_of(found, NOW, everything=everything)
    return [f"{group.title}: {len(group.lanes)}" for group in drawn.groups]


def test_a_release_that_never_reported_has_no_page() -> None:
    assert SOURCE.load(NOW) is None


def test_boots_stand_under_what_is_the_matter_with_them() -> None:
    builder.boot("r2", state="ready")
    builder.boot("r2", state="starting", done=2)
    builder.boot("r2", state="failed_serving", broken=("services", "failed", "no"))
    builder.boot("r2", state="stopped")
    assert labels() == ["Needs a look · 1: 1", "Starting · 1: 1", "Ready · 1: 1", "Stopped · 1: 1"]


def test_a_silent_boot_past_its_gate_without_sockets_needs_no_look() -> None:
    builder.boot("r2", state="silent")
    assert labels() == ["Ready · 1: 1"]


def test_a_silent_boot_that_starts_needs_a_look() -> None:
    builder.boot("r2", state="silent", done=2)
    assert labels() == ["Needs a look · 1: 1"]


def test_many_boots_that_are_well_start_as_one_band() -> None:
    many = COLLAPSED_FROM + 1
    for _ in range(many):
        builder.boot("r2")
    assert (labels(), labels(everything=True)) == ([f"Ready · {many}: 1"], [f"Ready · {many}: {many}"])


def test_the_release_before_is_the_reference() -> None:
    builder.boot("r1", started_at=NOW - timedelta(hours=1))
    builder.boot("r2")
    builder.boot("r3", started_at=NOW)
    found = release("chat-backend", "staging", "r2")
    assert found is not None
    assert found.normal is not None
    assert found.normal.release.name == "r1"


def test_a_changed_boot_changes_the_mark_and_its_row() -> None:
    made = builder.boot("r2", listening=2.0)
    before = SOURCE.load(NOW)
    builder.socket(made, 2.5)
    made.mark += 1
    made.save()
    after = SOURCE.load(NOW)
    assert before is not None
    assert after is not None
    assert [(page.mark, page.lists["boots"][0].revision) for page in (before, after)] == [(1, 1), (2, 2)]
    assert "false start 1" in after.lists["boots"][0].html


def test_sockets_that_only_clients_saw_are_listed_with_the_boots_they_may_belong_to() -> None:
    made = builder.boot("r2", ident="boot-of-r2")
    quiet = SOURCE.load(NOW)
    stray = builder.stray("c-1", made.started_at, "boot-of-r1, boot-of-r2")
    shown = SOURCE.load(NOW)
    assert quiet is not None
    assert shown is not None
    assert quiet.regions["strays"] == ""
    html = shown.regions["strays"]
    assert ("1 failed socket seen by clients only" in html, stray.path in html) == (True, True)
    assert [f'href="/boots/{ident}/"' in html for ident in ("boot-of-r1", "boot-of-r2")] == [True, True]


def test_who_saw_a_stray_is_counted_among_who_reported() -> None:
    made = builder.boot("r2", ident="boot-of-r2")
    builder.socket(made, 2.5)
    inside = SOURCE.load(NOW)
    builder.stray("c-1", made.started_at, "boot-of-r1, boot-of-r2")
    both = SOURCE.load(NOW)
    assert inside is not None
    assert both is not None
    assert "seen by service, no client reporter" in inside.regions["foot"]
    assert "seen by client, service." in both.regions["foot"]


def test_what_each_side_saw_stands_beside_the_code() -> None:
    made = builder.boot("r2", listening=2.0)
    seen = {"service": 1013, "client": 1011}
    builder.socket(made, 2.5, "gated", code=1013, code_seen_by=seen, origin="app_close")
    page = SOURCE.load(NOW)
    assert page is not None
    assert "service sent 1013 · client saw 1011" in page.lists["sockets"][0].html


def test_a_release_that_is_deployed_has_a_page_before_its_first_boot() -> None:
    builder.deployment("r2", by="ada")
    page = SOURCE.load(NOW)
    assert page is not None
    assert (page.summary, page.mark) == ("r2 is deployed; no boot of it has reported yet", SOURCE.mark())
    assert "by <b>ada</b>" in page.regions["facts"]
    assert "No socket of this release has been seen." in page.regions["causes"]


def test_a_page_says_when_by_whom_and_where_its_release_was_deployed() -> None:
    builder.boot("r2")
    builder.deployment("r2", at=NOW - timedelta(hours=3), by="grace")
    builder.deployment("r2", at=NOW, by="<ada>", url="https://ci.example/7")
    page = SOURCE.load(NOW)
    assert page is not None
    facts = page.regions["facts"]
    told = ("by <b>&lt;ada&gt;</b>", ">https://ci.example/7</a>", "and before", "by grace")
    assert [facts.index(part) for part in told] == sorted(facts.index(part) for part in told)


def test_a_deployment_changes_the_mark_of_its_release_alone() -> None:
    builder.boot("r1")
    builder.boot("r2")
    other = ReleaseSource(service="chat-backend", environment="staging", release="r1")
    before = (other.mark(), SOURCE.mark())
    builder.deployment("r2")
    assert (before, (other.mark(), SOURCE.mark())) == ((1, 2), (1, 3))
