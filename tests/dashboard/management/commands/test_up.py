"""`manage.py up`, for real: the whole product starts, heals, stops, and leaves nothing behind."""

import signal
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines import LOOPBACK, lives, wait_until
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


def test_one_command_runs_everything_and_stops_it_again(home: Path, product: Product) -> None:
    """Ready, private, able to heal, alone on its directory; then a clean end with nothing left."""
    assert product.status() == 200
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
