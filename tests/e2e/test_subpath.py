"""The whole product below a path of another host, behind a proxy that strips it, in a real browser."""

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PATIENCE
from tests.ingest.batches import document, race
from tests.product import Product
from tests.proxy import Proxy, proxy

pytestmark = [pytest.mark.e2e, pytest.mark.integration]

PREFIX = "/tools/falsestart"
RELEASE = f"{PREFIX}/services/looked-at/staging/releases/r1/"


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product, told where it lies and whose word counts."""
    home = tmp_path_factory.mktemp("subpath") / "home"
    product = Product(home, BASE_PATH=PREFIX, TRUSTED_PROXIES="127.0.0.1")
    try:
        yield product.wait_until_up()
    finally:
        product.process.kill()
        product.process.wait()


@pytest.fixture(scope="module")
def outside(product: Product) -> Iterator[Proxy]:
    """What browsers reach."""
    with proxy(product.port, PREFIX) as made:
        yield made


@pytest.fixture
def visitor(browser: Browser, complaints: list[str]) -> Iterator[Page]:
    """A page of somebody who has not signed in."""
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)
    context.set_default_navigation_timeout(PATIENCE)
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()


def test_nothing_is_left_outside_of_the_path(
    visitor: Page, product: Product, outside: Proxy, complaints: list[str]
) -> None:
    page = visitor
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url.replace("ws:", "http:")))

    page.goto(f"{outside.url}/boots/nobody/")
    assert page.url == f"{outside.url}/sign-in/?next={PREFIX}/boots/nobody/"
    page.goto(f"{outside.url}/")
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", product.password)
    page.click("button[type=submit]")
    page.wait_for_selector("[data-live=live]")
    assert page.url == f"{outside.url}/"
    assert {(cookie["name"], cookie["path"]) for cookie in page.context.cookies()} == {
        ("falsestart_session", PREFIX),
        ("csrftoken", PREFIX),
    }

    key = {"Authorization": f"Bearer {product.manage('create_key', '--scope', 'write')}"}
    told = {"service": "looked-at", "environment": "staging", "release": "r1", "by": "ada"}
    assert httpx.post(f"{outside.url}/api/v1/deployments", json=told, headers=key).status_code == 201
    row = page.locator("[data-row^=fleet-]", has_text="looked-at")
    expect(row).to_contain_text("by ada · no boot yet", timeout=PATIENCE)

    sent = document(race(), boot="below-a-path", service="looked-at")
    sent["sent_at"] = sent["boot"]["started_at"] = datetime.now(UTC).isoformat()
    assert httpx.post(f"{outside.url}/api/v1/batches", json=sent, headers=key).status_code == 202
    expect(row).to_contain_text("false start", timeout=PATIENCE)
    expect(row).not_to_contain_text("no boot yet")
    expect(row.locator(".fs-c-release")).to_contain_text("by ada")

    row.locator("a.fs-go").click()
    page.wait_for_selector("[data-figure=gantt] .js-plotly-plot")
    page.wait_for_selector("[data-live=live]")
    assert page.url == f"http://127.0.0.1:{outside.port}{RELEASE}"
    expect(page.locator("[data-region=facts]")).to_contain_text("by ada")
    page.locator("[data-list=boots] a.fs-go").first.click()
    page.wait_for_selector("[data-figure=timeline] .js-plotly-plot")
    page.wait_for_selector("[data-live=live]")
    page.fill("input[name=q]", "below-a-path")
    page.press("input[name=q]", "Enter")
    page.wait_for_url(f"{outside.url}/boots/below-a-path/")
    page.wait_for_selector("[data-live=live]")
    page.keyboard.press("g")
    page.keyboard.press("f")
    page.wait_for_url(f"{outside.url}/")
    page.wait_for_selector("[data-live=live]")

    page.goto(f"{outside.url}/api/docs")
    expect(page.locator("body")).to_contain_text("Tell of a deployment", timeout=PATIENCE)
    page.goto(f"{outside.url}/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{outside.url}/sign-in/")
    assert [url for url in asked if not url.startswith((outside.url, "data:"))] == []
    assert complaints == []
