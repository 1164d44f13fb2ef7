"""A real browser in front of the real product."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.product import Product

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Without these a browser looks for its maker's hosts, and as root it refuses to start.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 60_000  # ms for anything that a page shall show, on a machine that is busy with other tests


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless browser of the system."""
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip("no chromium on PATH: the end-to-end tests need a real browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product, up, with nothing reported yet but its own start."""
    home: Path = tmp_path_factory.mktemp("e2e") / "home"
    product = Product(home)
    try:
        yield product.wait_until_up()
    finally:
        product.process.kill()
        product.process.wait()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained about on its console, violations of the content policy among it."""
    return []


@pytest.fixture
def page(browser: Browser, product: Product, complaints: list[str]) -> Iterator[Page]:
    """A page of somebody who just signed in."""
    context = browser.new_context(base_url=product.url)
    context.set_default_timeout(PATIENCE)
    context.set_default_navigation_timeout(PATIENCE)
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/")
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", product.password)
    page.click("button[type=submit]")
    page.wait_for_selector("[data-live=live]")
    yield page
    context.close()
