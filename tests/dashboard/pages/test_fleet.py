"""The fleet page: what it says, and who needs a look."""

from datetime import timedelta

import pytest

from dashboard.ourselves import SERVICE
from dashboard.pages.fleet import (
    BAR_WIDTH,
    SPARK_HOURS,
    FleetSource,
    fleet_rows,
    normal_band,
    reasons,
    segments,
    spark,
    title_of,
)
from dashboard.queries.fleet import fleet
from ingest.models import Environment
from tests.dashboard import builder
from tests.dashboard.builder import NOW


@pytest.mark.parametrize(
    ("bad", "total", "title"),
    [
        (0, 0, "No service of yours has reported yet"),
        (0, 1, "1 service starts as usual"),
        (0, 9, "All 9 services start as usual"),
        (1, 9, "1 of 9 is starting badly"),
        (3, 9, "3 of 9 are starting badly"),
    ],
)
def test_the_title_is_the_answer(bad: int, total: int, title: str) -> None:
    assert title_of(bad, total) == title


def test_trouble_is_named_with_its_number() -> None:
    found = reasons({"failed_serving": 1, "ready": 9, "silent": 2}, 2, {"false_start": 14})
    assert [reason.words for reason in found] == ["14 false starts", "1 boot failed but serving"]


def test_an_idle_instance_may_be_silent() -> None:
    assert reasons({"silent": 3}, 3, {}) == []


def test_the_bar_of_states_fills_its_width_and_shows_the_least() -> None:
    found = segments({"ready": 1000, "failed": 1})
    last = found[-1]
    assert (found[0].state, found[0].width >= 8) == ("failed", True)
    assert last.x + last.width == pytest.approx(BAR_WIDTH)


def test_a_median_outside_the_normal_band_is_above_it() -> None:
    band = normal_band([4.5, 4.6, 4.7], [3.0, 3.1, 3.2, 3.3])
    assert (band.verdict, band.percent) == ("above", 46) if band else False


def test_two_boots_are_no_normal() -> None:
    band = normal_band([4.5], [3.0, 3.1])
    assert band is not None
    assert band.verdict == "unknown"


def test_without_a_gate_there_is_no_median() -> None:
    assert normal_band([], [3.0, 3.1, 3.2]) is None


def test_an_hour_without_failures_is_a_hairline() -> None:
    bars = spark({NOW.replace(minute=0, second=0): 4}, NOW, 8)
    assert (len(bars), bars[0][2], bars[-1][2:]) == (SPARK_HOURS, 1, (13.0, 4))


@pytest.mark.django_db
def test_rows_that_need_a_look_come_first() -> None:
    builder.boot("r1", place=builder.environment("a-calm-service"))
    builder.socket(builder.boot("r2", listening=2.0), 2.5)
    rows = fleet_rows(fleet(NOW), NOW)
    assert [(row.row.service, bool(row.reasons)) for row in rows] == [
        ("chat-backend", True),
        ("a-calm-service", False),
    ]


@pytest.mark.django_db
def test_the_mark_of_the_page_is_that_of_the_database() -> None:
    builder.boot("r1")
    builder.boot("r1", place=builder.environment("other"))
    page = FleetSource().load(NOW)
    assert (page.mark, FleetSource().mark()) == (2, 2)


@pytest.mark.django_db
def test_a_service_that_has_not_booted_has_a_row() -> None:
    builder.environment()
    page = FleetSource().load(NOW + timedelta(days=1))
    assert (len(page.lists["fleet"]), Environment.objects.count()) == (2, 1)


def only_row() -> str:
    """The HTML of the page's only service."""
    return FleetSource().load(NOW).lists["fleet"][-1].html


@pytest.mark.django_db
def test_a_row_says_when_its_release_was_deployed_and_by_whom() -> None:
    builder.boot("r2")
    builder.deployment("r2", at=NOW - timedelta(days=2), by="grace")
    builder.deployment("r2", at=NOW - timedelta(minutes=6), by="ada <x>", url="https://ci.example/7?a=1&b=2")
    row = only_row()
    link = 'href="https://ci.example/7?a=1&amp;b=2" rel="noopener noreferrer">deployed</a>'
    told = [part in row for part in (link, "by ada &lt;x&gt;", "grace", "no boot yet")]
    assert told == [True, True, False, False]


@pytest.mark.django_db
def test_a_release_that_is_deployed_and_has_no_boot_yet_stands_below_the_one_that_runs() -> None:
    builder.boot("r2")
    builder.deployment("r3", by="ada")
    row = only_row()
    order = [row.index(part) for part in (">r2<", "/releases/r3/", ">r3<", "by ada · no boot yet")]
    assert order == sorted(order)


@pytest.mark.django_db
def test_a_release_whose_boot_has_come_is_announced_no_more() -> None:
    builder.boot("r2", started_at=NOW - timedelta(hours=1))
    builder.deployment("r3")
    builder.boot("r3", started_at=NOW)
    assert ("no boot yet" in only_row(), ">r3<" in only_row()) == (False, True)


@pytest.mark.django_db
def test_a_service_that_was_only_deployed_starts_neither_well_nor_badly() -> None:
    builder.deployment("r1", by="ada")
    page = FleetSource().load(NOW)
    head, row = page.lists["fleet"]
    assert (page.summary, "No boot yet · 1" in head.html) == ("No service of yours has reported yet", True)
    assert ("/releases/r1/" in row.html, "as usual" in row.html) == (True, False)
    assert page.mark == FleetSource().mark()


@pytest.mark.django_db
def test_who_just_came_is_helped_although_falsestart_reports_about_itself() -> None:
    builder.boot("0.1.0", place=builder.environment(SERVICE))
    page = FleetSource().load(NOW)
    assert (page.title, "create_key" in page.regions["help"], len(page.lists["fleet"])) == ("Fleet", True, 2)
    assert "No service of yours has reported yet" in page.regions["title"]
    assert "this product" in page.lists["fleet"][1].html


@pytest.mark.django_db
def test_the_help_goes_away_with_the_first_foreign_service() -> None:
    builder.boot("0.1.0", place=builder.environment(SERVICE))
    builder.boot("r1")
    page = FleetSource().load(NOW)
    assert (page.regions["help"], "All 2 services start as usual" in page.regions["title"]) == ("", True)
