"""A newcomer signs in and watches a real service roll out a race."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PATIENCE
from tests.engines import wait_until
from tests.product import ROOT, Product

pytestmark = [pytest.mark.e2e, pytest.mark.integration]

ROLLOUT = ROOT / "ingest/probe/examples/chat/rollout.py"
MARKERS = """() => document.querySelector("[data-figure=gantt] .js-plotly-plot").data
    .filter((trace) => (trace.mode ?? "").includes("markers")).reduce((n, trace) => n + trace.x.length, 0)"""


@pytest.fixture
def rollout(product: Product, tmp_path: Path) -> Iterator[None]:
    """Releases r1 and r2 of the sample service, under real servers with real clients."""
    key = product.manage("create_key", "--scope", "write", "--service", "chat-backend")
    command = [sys.executable, str(ROLLOUT), "--endpoint", product.url, "--key", key]
    with (tmp_path / "rollout.log").open("wb") as log:
        process = subprocess.Popen([*command, "--releases", "r1,r2", "--pause", "4"], stdout=log, stderr=log)
    yield
    process.terminate()
    assert process.wait(30) == 0


def test_whoever_is_not_signed_in_sees_nothing(browser: Browser, product: Product) -> None:
    page = browser.new_page(base_url=product.url)
    page.goto("/boots/some-boot/")

    assert page.url == f"{product.url}/sign-in/?next=/boots/some-boot/"
    page.close()


@pytest.mark.usefixtures("rollout")
def test_false_starts_appear_while_they_happen(page: Page, complaints: list[str]) -> None:
    stay = "window.stayed = true"
    page.evaluate(stay)
    row = page.locator("[data-row^=fleet-]", has_text="chat-backend")
    expect(row.locator(".fs-c-release")).to_contain_text("r2", timeout=2 * PATIENCE)
    expect(row).to_contain_text("false start", timeout=PATIENCE)
    assert page.evaluate("window.stayed") is True

    row.locator("a.fs-go").click()
    page.wait_for_selector("[data-figure=gantt] .js-plotly-plot")
    page.wait_for_selector("[data-live=live]")
    page.evaluate(stay)
    seen = page.evaluate(MARKERS)
    wait_until(lambda: page.evaluate(MARKERS) > seen, "another marker", 2 * PATIENCE / 1000)
    expect(page.locator("[data-region=causes]")).to_contain_text("Service startup incomplete")
    expect(page.locator("[data-list=sockets] tr").first).to_contain_text("services")
    assert page.evaluate("window.stayed") is True

    page.locator("[data-list=boots] a.fs-go").last.click()
    page.wait_for_selector("[data-figure=timeline] .js-plotly-plot")
    expect(page.locator("main")).to_contain_text("false start")
    assert complaints == []
