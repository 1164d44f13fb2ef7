"""The API as a whole: its page for people, and its description for programs."""

import re
from pathlib import Path

from django.contrib.staticfiles import finders
from django.test import Client

from dashboard.api.server import api


def test_the_page_for_people_runs_no_inline_script_and_loads_nothing_from_elsewhere() -> None:
    response = Client().get("/api/docs")
    page = response.content.decode()

    scripts = re.findall(r"<script([^>]*)>", page)
    assert (response.status_code, len(scripts)) == (200, 3)
    assert [tag for tag in scripts if "src=" not in tag and 'type="application/json"' not in tag] == []
    assert [found for found in re.findall(r'(?:src|href)="([^"]+)"', page) if found[:8] != "/static/"] == []
    assert re.findall(r"\son\w+=|<style|style=", page) == []


def test_what_the_page_for_people_loads_is_installed() -> None:
    page = Client().get("/api/docs").content.decode()

    files = re.findall(r'"/static/[0-9a-f]+/([^"]+)"', page)
    assert [name for name in files if not Path(str(finders.find(name))).is_file()] == []
    assert "ninja/swagger-ui-bundle.js" in files


def test_the_description_can_be_read_without_a_key() -> None:
    assert Client().get("/api/openapi.json").status_code == 200


def test_every_route_of_the_api_is_described_or_answers_that_nothing_is_there() -> None:
    described = set(api.get_openapi_schema()["paths"]) - {"/api/v1/batches"}

    assert described == {
        "/api/v1/boots",
        "/api/v1/boots/{id}",
        "/api/v1/boots/{id}/events",
        "/api/v1/sockets",
        "/api/v1/deployments",
    }
