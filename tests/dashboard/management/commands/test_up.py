"""`manage.py up`, for real: the whole product starts, heals, stops, and leaves nothing behind."""

import signal
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.engines import LOOPBACK, lives, wait_until
from tests.memory import LIMIT
from tests.product import PASSWORD, START_TIMEOUT, Product

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One state directory for all tests, which therefore also see a second start."""
    return tmp_path_factory.mktemp("up") / "home"


@pytest.fixture
def product(home: Path) -> Iterator[Product]:
    """The product, up."""
    product = Product(home)
    try:
        yield product.wait_until_up()
    finally:
        product.process.kill()
        product.process.wait()


def own_boots(product: Product) -> dict[str, list[str]]:
    """The states of the product's own boots, by role."""
    key = product.manage("create_key", "--scope", "read")
    answer = httpx.get(
        f"{product.url}/api/v1/boots",
        params={"service": "falsestart"},
        headers={"Authorization": f"Bearer {key}"},
        timeout=START_TIMEOUT,
    )
    found: dict[str, list[str]] = {}
    for boot in answer.raise_for_status().json()["items"]:
        found.setdefault(boot["instance"].partition("@")[0], []).append(boot["state"])
    return found


def test_one_command_runs_everything_and_stops_it_again(home: Path, product: Product) -> None:
    """Ready, private, modest, able to heal, alone on its directory; then a clean end with nothing left."""
    wait_until(lambda: product.readiness() == "ready", "everything to be at work")
    found = product.memory()
    assert (found.processes, found.rss <= LIMIT) == (5, True), found

    # Nobody made a key for that, and nobody is bothered while the receiver is not up yet.
    started = {"web": ["ready"], "worker": ["ready"], "beat": ["ready"]}
    wait_until(lambda: own_boots(product) == started, "each process to tell its own start")
    assert "cannot reach" not in product.printed

    assert len(PASSWORD.findall(product.printed)) == 1
    assert stat.S_IMODE(home.stat().st_mode) == 0o700

    second = Product(home)
    assert second.process.wait(START_TIMEOUT) == 1
    assert f"Falsestart already runs on the state directory {home}" in second.printed

    product.kill("worker")
    assert "worker was ended by SIGKILL; it starts again in 0.5 s" in product.printed

    children = product.children()
    assert set(children) == {"valkey", "web", "worker", "beat"}
    assert product.end(signal.SIGTERM) == 0
    assert [name for name, pid in children.items() if lives(pid)] == []


def test_a_supervisor_that_is_killed_takes_everything_along(product: Product) -> None:
    """The kernel does it. The password was shown at the first start only."""
    children = product.children()
    assert set(children) == {"valkey", "web", "worker", "beat"}
    assert PASSWORD.findall(product.printed) == []
    # The orderly end before was told, by the web process to itself.
    assert {state for state in own_boots(product)["web"] if state != "ready"} - {"starting"} == {"stopped"}
    product.end(signal.SIGKILL)
    wait_until(lambda: not any(map(lives, children.values())), "every child to end")


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    """With a way out, before anything is started."""
    with socket.create_server((LOOPBACK, 0)) as other:
        port = other.getsockname()[1]
        refused = Product(tmp_path / "home", port)
        assert refused.process.wait(START_TIMEOUT) == 1
    sentence = (
        f"Port {port} on 127.0.0.1 is taken by another program or not allowed. "
        f"Choose another one, for example: PORT={port + 1} python manage.py up"
    )
    assert refused.printed.strip().splitlines()[-1] == f"CommandError: {sentence}"
