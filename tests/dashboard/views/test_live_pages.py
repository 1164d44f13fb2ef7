"""The pages as served: signed in, complete without a script, safe whatever services call themselves."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ingest.models import Boot
from tests.dashboard import builder
from tests.people import PASSWORD, person, signed_in

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert('x')</script>"
MOST_STATEMENTS = 16  # of which three are the session, its user and their role


@pytest.fixture
def browser() -> Client:
    return signed_in()


def text(response: Any) -> str:
    assert response.status_code == 200
    return str(response.content.decode())


def title(response: Any) -> str:
    found = re.search(r"<h1>(.*?)</h1>", text(response), re.DOTALL)
    return re.sub(r"<[^>]+>|\s+", " ", found.group(1)).strip() if found else ""


def release_of(made: Boot) -> str:
    return reverse("release", args=[made.environment.service.name, made.environment.name, made.release.name])


def racing(**fields: Any) -> Boot:
    made = builder.boot("r2", listening=2.0, started_at=timezone.now() - timedelta(minutes=5), **fields)
    builder.socket(made, 2.5)
    return made


@pytest.mark.parametrize("path", ["/", "/services/a/b/releases/c/", "/boots/x/", "/jump/?q=a"])
def test_who_is_signed_out_is_sent_to_sign_in(path: str, client: Client) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer["Location"].startswith("/sign-in/?next=")) == (302, True)


def test_the_first_visit_says_how_to_begin(browser: Client) -> None:
    answer = browser.get("/")
    assert (title(answer), "create_key --scope write" in text(answer)) == (
        "No service of yours has reported yet",
        True,
    )


def test_the_fleet_names_who_starts_badly(browser: Client) -> None:
    racing()
    builder.boot("r1", place=builder.environment("presence"))
    answer = browser.get("/")
    assert (title(answer), "false start 1" in text(answer)) == ("1 of 2 is starting badly", True)


def test_a_release_that_refuses_politely_starts_as_usual(browser: Client) -> None:
    made = builder.boot("r5", listening=2.0, started_at=timezone.now())
    builder.socket(made, 2.5, "gated", code=1013)
    assert title(browser.get("/")) == "1 service starts as usual"


def test_a_release_says_its_false_starts_first(browser: Client) -> None:
    made = racing()
    assert title(browser.get(release_of(made))) == "r2: 1 false start in 1 of 1 boot"


def test_a_release_page_is_complete_without_a_script(browser: Client) -> None:
    made = racing()
    page = text(browser.get(release_of(made)))
    assert [word in page for word in (made.ident, "Service startup incomplete", "0.62", "services")] == [
        True
    ] * 4


def test_the_figures_come_with_the_page(browser: Client) -> None:
    page = text(browser.get(release_of(racing())))
    found = re.search(r'<script id="figure-gantt" type="application/json">(.*?)</script>', page, re.DOTALL)
    figure = json.loads(found.group(1)) if found else {}
    assert figure["layout"]["uirevision"] == "gantt"


def test_a_boot_shows_margin_cause_and_evidence(browser: Client) -> None:
    made = racing()
    page = text(browser.get(reverse("boot", args=[made.ident])))
    assert [word in page for word in ("Margin to gate", "0.62", "false start", "opened age")] == [True] * 4


def test_a_check_that_did_not_wait_is_called_that(browser: Client) -> None:
    made = racing()
    builder.check(made, "readiness", ok=False, waited=0.000157, budget=2.1)
    page = text(browser.get(reverse("boot", args=[made.ident])))
    assert ("1 of 1 check did not wait" in page, "Nothing waited" in page) == (True, True)


def test_names_and_reasons_from_outside_are_never_markup(browser: Client) -> None:
    place = builder.environment(HOSTILE, HOSTILE)
    made = builder.boot(HOSTILE, place=place, instance=HOSTILE, started_at=timezone.now())
    builder.socket(made, 1.0, reason=HOSTILE, path=HOSTILE, client=HOSTILE, phases=[HOSTILE])
    builder.phase(made, HOSTILE, 0.1, 0.2, error=HOSTILE)
    builder.event(made, "boot.failed", 1.0, error=HOSTILE)
    pages = [browser.get(path) for path in ("/", release_of(made), reverse("boot", args=[made.ident]))]
    assert ["<script>alert" in text(page) for page in pages] == [False] * 3


def test_a_name_with_a_slash_has_a_page(browser: Client) -> None:
    made = builder.boot("v1/rc~2", place=builder.environment("collab/sync", "eu~1"))
    path = release_of(made)
    assert (path, browser.get(path).status_code) == (
        "/services/collab~2Fsync/eu~7E1/releases/v1~2Frc~7E2/",
        200,
    )


@pytest.mark.parametrize(
    "path",
    [
        "/services/a/b/releases/c/",
        "/services/a/b/releases/c%00/",
        "/boots/none/",
        "/boots/a%00/",
        "/nowhere/",
    ],
)
def test_what_does_not_exist_is_said_so(path: str, browser: Client) -> None:
    answer = browser.get(path)
    assert (answer.status_code, "Nothing is here" in answer.content.decode()) == (404, True)


def test_a_page_costs_few_statements_however_many_boots(browser: Client) -> None:
    made = next(iter([racing() for _ in range(12)]))
    builder.boot("r1", started_at=timezone.now() - timedelta(hours=1))
    counted = []
    for path in ("/", release_of(made), reverse("boot", args=[made.ident])):
        with CaptureQueriesContext(connection) as statements:
            browser.get(path)
        counted.append(len(statements) <= MOST_STATEMENTS)
    assert counted == [True] * 3


def test_pages_are_strict_about_what_they_run(browser: Client) -> None:
    assert "script-src 'self'" in browser.get("/")["Content-Security-Policy"]


def test_a_phone_can_sign_in(client: Client) -> None:
    person("grace", password=PASSWORD)
    answer = client.post("/sign-in/", {"username": "grace", "password": PASSWORD, "next": "/boots/x/"})
    assert (answer.status_code, answer["Location"]) == (302, "/boots/x/")


def test_a_wrong_password_is_said_so_and_the_name_kept(client: Client) -> None:
    answer = client.post("/sign-in/", {"username": "<grace>", "password": "no"})
    assert ('role="alert"' in text(answer), "&lt;grace&gt;" in text(answer)) == (True, True)
