"""Every page by the rules of axe, in both themes and on both sizes; and all of it by the keyboard alone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import PATIENCE
from tests.ingest.batches import Document, document, race
from tests.product import Product

pytestmark = [pytest.mark.e2e, pytest.mark.integration]

AXE = Path(__file__).parent.joinpath("vendor/axe.min.js").read_text()
# Every rule that is on by default, those that are only good practice too.
RUN = """() => axe.run().then((found) => found.violations.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")}`)))"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}  # px
THEMES = ("dark", "light")
BOOT, OTHER, BARE = "boot-to-look-at", "another-boot", "boot-with-nothing"
RELEASE = "/services/looked-at/staging/releases/r1/"
CONTRACT = "/settings/contracts/looked-at/staging/"
SETTINGS = [
    "/settings/", "/settings/keys/", "/settings/keys/new/", "/settings/people/", "/settings/people/1/",
    "/settings/audit/", "/settings/account/", "/settings/contracts/", CONTRACT, f"{CONTRACT}edit/",
]  # fmt: skip
DRAWN = ".js-plotly-plot .main-svg"
LONG = "a-name-that-nobody-would-choose-" * 3
ODD = "\"quoted\" & <b>bold</b> 'name'"


@pytest.fixture(scope="module")
def signed_in(browser: Browser, product: Product) -> Iterator[BrowserContext]:
    """A browser of somebody who signed in."""
    context = browser.new_context(base_url=product.url, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto("/")
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", product.password)
    page.click("button[type=submit]")
    page.wait_for_selector("[data-live=live]")
    page.close()
    yield context
    context.close()


@pytest.fixture(scope="module")
def first_run(signed_in: BrowserContext) -> list[str]:
    """What is wrong with the fleet before any service but the product itself has reported."""
    return [found for size in SIZES for found in wrong_with(signed_in, size, "/", "[data-live=live]")]


@pytest.fixture(scope="module")
def reported(product: Product, signed_in: BrowserContext, first_run: list[str]) -> BrowserContext:
    """The browser, when services reported: one that races, one with impossible names, one with nothing."""
    key = product.manage("create_key", "--scope", "write")
    silent = document([{"kind": "alive", "seq": 1, "age": 0.0, "open": 0}], boot=BARE, contract=None)
    for sent in (
        document(race(), boot=BOOT, service="looked-at"),
        document(race(), boot=OTHER, service="looked-at"),
        document(race(), boot=LONG, service=ODD + LONG, release=LONG, instance=LONG),
        silent,
    ):
        now = datetime.now(UTC).isoformat()
        sent["sent_at"] = now
        sent["boot"]["started_at"] = now
        answer = httpx.post(
            f"{product.url}/api/v1/batches", json=sent, headers={"Authorization": f"Bearer {key}"}
        )
        assert answer.status_code == 202
    answer = httpx.post(
        f"{product.url}/api/v1/batches", json=by_clients(), headers={"Authorization": f"Bearer {key}"}
    )
    assert answer.status_code == 202
    page = signed_in.new_page()
    page.goto("/")
    # Three services, and Falsestart itself.
    expect(page.locator("[data-list=fleet] a.fs-go")).to_have_count(4, timeout=PATIENCE)
    expect(page.locator("[data-list=fleet]")).to_contain_text("false start", timeout=PATIENCE)
    page.goto(RELEASE)
    expect(page.locator("[data-region=strays]")).to_contain_text("1 failed socket", timeout=PATIENCE)
    expect(page.locator("[data-list=sockets]")).to_contain_text("client saw no close frame", timeout=PATIENCE)
    page.close()
    assert isinstance(first_run, list)
    return signed_in


def by_clients() -> Document:
    """What clients saw: another end of a socket than its service, and one that either of two boots had."""
    opened = datetime.now(UTC)
    stamps = {"opened_at": opened.isoformat(), "ended_at": (opened + timedelta(seconds=1)).isoformat()}
    seen = {"kind": "socket.ended", "code": 1006, "path": f"/ws/{LONG}", **stamps}
    page = {"clean": False, "visible": False, "online": True, "attempt": 3}
    events = [{"id": name, "socket": name, "page": page, **seen} for name in ("early-1", LONG)]
    return document(events, boot=None, role="client", service="looked-at")


def wrong_with(context: BrowserContext, size: str, path: str, seen: str) -> list[str]:
    """What axe, the console and the width of a page have to say about it in both themes."""
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    page.goto(path)
    page.wait_for_selector(seen)
    found = looked_at(page)
    page.close()
    return [f"{size} {what}" for what in [*found, *complaints]]


def looked_at(page: Page) -> list[str]:
    """What axe finds on a page as it stands, and how far it is too wide, in both themes."""
    page.evaluate(AXE)
    found: list[str] = []
    for theme in THEMES:
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        page.wait_for_selector(f"html[data-bs-theme={theme}]")
        found += [f"{theme} {what}" for what in page.evaluate(RUN)]
        too_wide = page.evaluate(OVERFLOW)
        found += [f"{theme} {too_wide} px too wide"] if too_wide else []
    return found


def test_the_first_visit_is_accessible(first_run: list[str]) -> None:
    assert first_run == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("/", "[data-row^=fleet-]"),
        (RELEASE, DRAWN),
        (f"/boots/{BOOT}/", DRAWN),
        (f"/boots/{LONG}/", DRAWN),
        (f"/boots/{BARE}/", DRAWN),
    ],
    ids=["fleet", "release", "boot", "odd-boot", "bare-boot"],
)
def test_a_page_with_data_is_accessible(reported: BrowserContext, size: str, path: str, seen: str) -> None:
    assert wrong_with(reported, size, path, seen) == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", SETTINGS)
def test_a_page_of_the_settings_is_accessible(reported: BrowserContext, size: str, path: str) -> None:
    assert wrong_with(reported, size, path, "h1") == []


@pytest.mark.parametrize("size", SIZES)
def test_signing_in_is_accessible(browser: Browser, product: Product, size: str) -> None:
    context = browser.new_context(base_url=product.url)
    assert wrong_with(context, size, "/", "input[name=password]") == []
    context.close()


@pytest.mark.parametrize("size", SIZES)
def test_what_does_not_exist_is_accessible(signed_in: BrowserContext, size: str) -> None:
    found = wrong_with(signed_in, size, "/nowhere/", "h1")
    assert [what for what in found if "status of 404" not in what] == []


def test_what_opens_on_a_page_is_accessible(reported: BrowserContext) -> None:
    page = reported.new_page()
    page.goto(f"/boots/{BOOT}/")
    page.wait_for_selector(DRAWN)
    page.keyboard.press("t")
    page.locator("[data-list=sockets] summary").first.click()
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open]")
    assert looked_at(page) == []
    page.keyboard.press("Escape")
    assert looked_at(page) == []
    page.close()


def test_a_page_can_be_used_without_a_pointer(reported: BrowserContext, product: Product) -> None:
    page = reported.new_page()
    page.goto(RELEASE)
    expect(page.locator("[data-list=boots] tr")).to_have_count(2)
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_contain_text("Go to the fleet")
    page.keyboard.press("t")
    expect(page.locator(".fs-figure.is-twin")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()

    page.keyboard.press("/")
    page.keyboard.type("t?")
    expect(page.locator("input[name=q]")).to_have_value("t?")
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    expect(page.locator("[data-figure=gantt].is-twin")).to_have_count(1)

    second = page.locator("[data-list=boots] a.fs-go").nth(1)
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(second).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/boots/*/")
    page.wait_for_selector("[data-live=live]")
    page.keyboard.press("g")
    page.keyboard.press("f")
    page.wait_for_url(f"{product.url}/")
    page.close()
