"""A browser chats with the sample service on real servers; the product tells both sides of its sockets."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import pytest
from examples.chat.fleet import Instance, free_port, launch
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PATIENCE
from tests.engines import LOOPBACK, wait_until
from tests.product import Product

pytestmark = [pytest.mark.e2e, pytest.mark.integration]

QUICK = {f"{phase}_LATENCY": "0.05" for phase in ("INIT", "DEPENDENCIES", "DATABASE", "CACHE", "WEBSOCKET")}
Socket = dict[str, Any]


@pytest.fixture(scope="module")
def reader(product: Product) -> Iterator[httpx.Client]:
    """Somebody who may read."""
    key = product.manage("create_key", "--scope", "read")
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=product.url, headers=headers, trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def write_key(product: Product) -> str:
    return product.manage("create_key", "--scope", "write", "--service", "chat-backend")


@pytest.fixture(scope="module")
def sockets(reader: httpx.Client) -> Callable[[str], list[Socket]]:
    """What the read API tells of a release's sockets."""

    def told(release: str) -> list[Socket]:
        asked = {"service": "chat-backend", "release": release}
        answer = reader.get("/api/v1/sockets", params=asked).raise_for_status()
        items: list[Socket] = answer.json()["items"]
        return items

    return told


@contextmanager
def chat(
    product: Product, write_key: str, release: str, server: str, **environment: str
) -> Iterator[Instance]:
    """One instance of a release, whose page has a key of its own."""
    port = free_port()
    origin = environment.pop("origin", f"http://{LOOPBACK}:{port}")
    limits = ("--scope", "client", "--service", "chat-backend", "--origin", origin)
    reports = {
        "FALSESTART_ENDPOINT": product.url,
        "FALSESTART_KEY": write_key,
        "FALSESTART_CLIENT_KEY": product.manage("create_key", *limits),
    }
    instance = launch(release, reports | QUICK | environment, port=port, server=server)
    try:
        wait_until(lambda: listens(port), "the service", 60)
        yield instance
    finally:
        instance.kill()


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
        return True
    return False


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Page]:
    """Somebody in a browser of their own, signed in nowhere."""
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def visit(visitor: Page, instance: Instance) -> list[str]:
    """Open the service's page; return what its console will say."""
    said: list[str] = []
    visitor.on("console", lambda message: said.append(message.text))
    visitor.on("pageerror", lambda error: said.append(str(error)))
    visitor.goto(f"http://{LOOPBACK}:{instance.port}/")
    return said


def joined(sockets: list[Socket], **wanted: object) -> list[Socket]:
    """Those that both sides told of, with these fields."""
    both = [socket for socket in sockets if socket["reporters"] == ["client", "service"]]
    return [socket for socket in both if wanted.items() <= socket.items()]


def test_a_polite_refusal_that_daphne_rewrites_is_told_from_both_sides(
    product: Product,
    write_key: str,
    sockets: Callable[[str], list[Socket]],
    visitor: Page,
    page: Page,
    complaints: list[str],
) -> None:
    with chat(product, write_key, "r6", "daphne", SERVICES_LATENCY="1.5") as instance:
        said = visit(visitor, instance)
        expect(visitor.locator("ol")).to_contain_text("closed: 1011")
        expect(visitor.locator("ol li").last).to_have_text("connected")

        told = {"codes_disagree": True}
        wait_until(lambda: joined(sockets("r6"), **told), "both sides of a refused socket", 60)
        refused = joined(sockets("r6"), **told)[-1]
        assert refused["code_seen_by"] == {"service": 1013, "client": 1011, "gateway": None}
        assert (refused["codes_disagree"], refused["origin"], refused["cause"]) == (
            True,
            "app_close",
            "gated",
        )
        assert "clean end" in str(next(row["value"] for row in refused["evidence"] if row["name"] == "page"))

        for path, row in (
            (f"/boots/{refused['boot']}/", "[data-list=sockets] tr"),
            ("/services/chat-backend/demo/releases/r6/", "[data-list=sockets] tr"),
        ):
            page.goto(path)
            expect(page.locator(row).first).to_contain_text("service sent 1013 · client saw 1011")
            expect(page.locator(f"{row} .fs-sides svg").first).to_be_visible()

        visitor.close()
        left = {"code": 1001, "cause": None}
        wait_until(lambda: joined(sockets("r6"), **left), "the beacon of a page that was closed", 60)

    assert [line for line in said if "WebSocket connection to" not in line] == []
    assert complaints == []


def test_an_exception_that_uvicorn_keeps_to_itself_is_told_by_the_service(
    product: Product, write_key: str, sockets: Callable[[str], list[Socket]], visitor: Page
) -> None:
    with chat(product, write_key, "r3", "uvicorn", SERVICES_LATENCY="1.5") as instance:
        said = visit(visitor, instance)
        expect(visitor.locator("ol")).to_contain_text("closed: 1006")

        wait_until(lambda: joined(sockets("r3"), code=1006), "both sides of a broken socket", 60)
        broken = joined(sockets("r3"), code=1006)[-1]

    assert broken["code_seen_by"] == {"service": None, "client": 1006, "gateway": None}
    assert (broken["origin"], broken["cause"], broken["outcome"]) == ("app_error", "false_start", "lost")
    assert broken["reason"] == "AttributeError: 'State' object has no attribute 'supervisor'"
    assert "no clean end" in str(next(row["value"] for row in broken["evidence"] if row["name"] == "page"))
    assert [line for line in said if "WebSocket connection to" not in line] == []


def test_a_page_of_another_origin_reports_nothing(
    product: Product, write_key: str, sockets: Callable[[str], list[Socket]], visitor: Page
) -> None:
    with chat(
        product, write_key, "r1", "uvicorn", SERVICES_LATENCY="0.05", origin="https://elsewhere.example"
    ) as one:
        with visitor.expect_console_message(lambda message: "CORS" in message.text):
            visit(visitor, one)
        expect(visitor.locator("ol")).to_contain_text("connected")
        visitor.close()
        wait_until(lambda: sockets("r1"), "the service's side", 60)

    assert {tuple(socket["reporters"]) for socket in sockets("r1")} == {("service",)}
