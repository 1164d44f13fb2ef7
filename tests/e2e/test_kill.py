"""Every process is killed with -9 while boots are reported: the page catches up and nothing is missing."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PATIENCE
from tests.engines import wait_until
from tests.ingest.batches import Document, document, race
from tests.product import Product

pytestmark = [pytest.mark.e2e, pytest.mark.integration]

PROCESSES = ("valkey", "worker", "beat", "web")
SERVICE = "kill-test"
EVENTS = race()
PACE = 0.1  # s between two boots
ENOUGH = 5  # boots, to see that they are taken again
CATCH_UP = 60.0  # s for what was acknowledged to be correlated, after the last kill


class Sender(threading.Thread):
    """A reporter that sends each batch again until it is acknowledged, as the probe does."""

    def __init__(self, product: Product, key: str) -> None:
        """Send nothing yet."""
        super().__init__(daemon=True)
        self.acknowledged: list[str] = []
        self.stop = threading.Event()
        self._client = httpx.Client(
            base_url=product.url, headers={"Authorization": f"Bearer {key}"}, timeout=5
        )

    def run(self) -> None:
        """Report boot after boot."""
        number = 0
        while not self.stop.wait(PACE):
            boot = f"kill-{number}"
            if self._send(report(boot)):
                self.acknowledged.append(boot)
                number += 1
        self._client.close()

    def wait_for_more(self) -> None:
        """Wait until boots are acknowledged that were not when this was called."""
        enough = len(self.acknowledged) + ENOUGH
        wait_until(lambda: len(self.acknowledged) >= enough, "boots to be acknowledged again")

    def _send(self, sent: Document) -> bool:
        try:
            return self._client.post("/api/v1/batches", json=sent).status_code == 202
        except httpx.TransportError:
            return False


def report(boot: str) -> Document:
    """A boot that started just now."""
    now = datetime.now(UTC).isoformat()
    sent = document(EVENTS, boot=boot, service=SERVICE) | {"sent_at": now}
    sent["boot"]["started_at"] = now
    return sent


@pytest.fixture
def sender(product: Product) -> Iterator[Sender]:
    """A reporter at work."""
    sender = Sender(product, product.manage("create_key", "--scope", "write"))
    sender.start()
    wait_until(lambda: sender.acknowledged, "the first boot")
    yield sender
    sender.stop.set()
    sender.join()


def stored(product: Product, key: str) -> dict[str, dict[str, Any]]:
    """All boots of the service, by the read API."""
    boots: dict[str, dict[str, Any]] = {}
    query: dict[str, str | int] = {"service": SERVICE, "limit": 500}
    with httpx.Client(base_url=product.url, headers={"Authorization": f"Bearer {key}"}, timeout=30) as client:
        while True:
            answer = client.get("/api/v1/boots", params=query).raise_for_status().json()
            boots |= {boot["id"]: boot for boot in answer["items"]}
            if answer["next"] is None:
                return boots
            query["next"] = answer["next"]


def test_nothing_acknowledged_is_missing_and_the_page_catches_up(
    page: Page, product: Product, sender: Sender
) -> None:
    page.goto(f"/services/{SERVICE}/staging/releases/r1/")
    page.wait_for_selector("[data-live=live]")
    page.evaluate("window.stayed = true")
    for name in PROCESSES:
        product.kill(name)
        wait_until(lambda: product.status() == 200, f"readiness after {name} was killed")
        sender.wait_for_more()
    sender.stop.set()
    sender.join()

    key = product.manage("create_key", "--scope", "read")
    wait_until(
        lambda: all(boot["state"] == "ready" for boot in stored(product, key).values()),
        "every boot to be correlated",
        CATCH_UP,
    )
    boots = stored(product, key)
    assert sorted(boots) == sorted(sender.acknowledged)
    assert {tuple(sorted(boot["counts"].items())) for boot in boots.values()} == {
        (("failed", 3), ("false_starts", 2), ("sockets", 6))
    }

    page.wait_for_selector("[data-live=live]", timeout=PATIENCE)
    newest = page.locator(f"[data-list=boots] a[href='/boots/{sender.acknowledged[-1]}/']")
    expect(newest).to_be_visible(timeout=PATIENCE)
    assert page.evaluate("window.stayed") is True
