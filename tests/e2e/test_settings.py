"""Settings as people use them: the life of a key, the life of a person, a contract that is set."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import PATIENCE
from tests.e2e.test_accessibility import looked_at
from tests.engines import wait_until
from tests.ingest.batches import document, race
from tests.product import Product

pytestmark = [pytest.mark.e2e, pytest.mark.integration]

DEADLINE = 30.0  # s for a revoked key to be refused, on a machine that is busy with other tests
PASSWORD = "correct horse battery"


@pytest.fixture
def other(browser: Browser, product: Product) -> Iterator[Page]:
    """Another person's browser."""
    context: BrowserContext = browser.new_context(base_url=product.url)
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def test_the_life_of_a_key(page: Page, product: Product, complaints: list[str]) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.get_by_role("link", name="Keys What may report").click()
    page.get_by_role("link", name="New key").click()
    page.get_by_label("What it is for").fill("the chat back end")
    page.get_by_label("Write: a service reports").check()
    page.get_by_label("Service", exact=True).fill("chat")
    page.get_by_role("button", name="Make the key").click()

    page.get_by_role("button", name="Copy key").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    secret = page.evaluate("navigator.clipboard.readText()")
    assert looked_at(page) == []

    def reported() -> int:
        sent = document(race(), service="chat")
        headers = {"Authorization": f"Bearer {secret}"}
        return httpx.post(f"{product.url}/api/v1/batches", json=sent, headers=headers).status_code

    assert reported() == 202
    page.get_by_role("link", name="I have it").click()
    row = page.get_by_role("row").filter(has_text="the chat back end")
    expect(row).to_contain_text("active")
    assert secret not in page.content()

    row.get_by_role("link", name="Revoke").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("“the chat back end” stops working within 2 s, for good.")
    assert looked_at(page) == []
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    row.get_by_role("link", name="Revoke").click()
    dialog.get_by_role("button", name="Revoke key").click()
    expect(page.get_by_role("status")).to_contain_text("is revoked")
    wait_until(lambda: reported() == 401, "the key to be refused", DEADLINE)
    assert complaints == []


def test_the_life_of_a_person(page: Page, other: Page) -> None:
    page.goto("/settings/people/new/")
    page.get_by_label("User name").fill("grace")
    page.get_by_label("Viewer").check()
    page.get_by_role("button", name="Add and make the link").click()
    other.goto(page.locator("#link").inner_text())
    for label in ("New password", "New password again"):
        other.get_by_label(label, exact=True).fill(PASSWORD)
    other.get_by_role("button", name="Set password").click()
    other.get_by_label("User name").fill("grace")
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    other.wait_for_selector("[data-live=live]")

    page.goto("/settings/people/")
    page.get_by_role("link", name="grace").click()
    page.get_by_role("link", name="Deactivate").click()
    page.get_by_role("dialog").get_by_role("button", name="Deactivate").click()
    expect(page.get_by_role("heading", name="grace cannot sign in")).to_be_visible()
    expect(other.locator("[data-stale]")).to_contain_text("You are signed out.", timeout=PATIENCE)
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_contract_is_set_by_the_keyboard_and_in_force(page: Page, product: Product) -> None:
    key = product.manage("create_key", "--scope", "write")
    sent = document(race(), service="set-here", boot="boot-set-here")
    headers = {"Authorization": f"Bearer {key}"}
    assert httpx.post(f"{product.url}/api/v1/batches", json=sent, headers=headers).status_code == 202
    page.goto("/settings/contracts/")
    page.get_by_role("link", name="set-here").press("Enter")
    page.get_by_role("link", name="Set fields").press("Enter")
    page.get_by_label("Name of budget 1").fill("patience")
    page.get_by_label("Seconds of budget 1").fill("-1")
    expect(page.locator("input[name=budgets-set][value=here]")).to_be_checked()
    page.get_by_label("Why").fill("Clients give up.")
    page.get_by_label("Settle, in s").press("Enter")
    expect(page.locator("#budgets_error")).to_contain_text("It must be 0 s or more.")
    assert looked_at(page) == []

    page.get_by_label("Seconds of budget 1").fill("3")
    page.get_by_label("Settle, in s").press("Enter")
    expect(page.locator(".fs-changes")).to_contain_text("patience 3 s")
    page.get_by_role("button", name="Set the contract").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("is in force")
    expect(page.get_by_role("row").filter(has_text="Budgets").first).to_contain_text("admin")
