"""A collector, and a probe that reports to it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from falsestart import Contract, Probe, guard
from falsestart.client import Client

from tests.probe.collector import Collector
from tests.probe.processes import Server, free_port

CONTRACT = Contract(phases=["database", "services"], gate="services")


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on where it runs, nor on what an earlier one logged once."""
    for name in (
        "OTEL_SERVICE_NAME",
        "OTEL_RESOURCE_ATTRIBUTES",
        "K_SERVICE",
        "K_REVISION",
        "CLOUD_RUN_JOB",
        "KUBERNETES_SERVICE_HOST",
        "FALSESTART_ENDPOINT",
        "FALSESTART_KEY",
    ):
        monkeypatch.delenv(name, raising=False)
    guard._said.clear()


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as running:
        yield running


@pytest.fixture
def make_probe(collector: Collector) -> Iterator[Callable[..., Probe]]:
    """A maker of probes that report to the collector; they are closed afterwards."""
    made: list[Probe] = []

    def make(**options: Any) -> Probe:
        options = {"service": "chat", "endpoint": collector.url, "key": "fs_test", **options}
        made.append(Probe(**options))
        return made[-1]

    yield make
    for probe in made:
        probe.close(timeout=0.0)


@pytest.fixture
def probe(make_probe: Callable[..., Probe]) -> Probe:
    return make_probe(contract=CONTRACT)


@pytest.fixture
def told(probe: Probe, collector: Collector) -> Callable[..., list[dict[str, Any]]]:
    """What the probe has told of a kind, without the numbers that differ from run to run."""

    def read(kind: str = "", *without: str) -> list[dict[str, Any]]:
        assert probe.flush(10.0) is True
        dropped = {"seq", "age", "opened_age", "accepted_age", "ended_age", "waited", "client", *without}
        return [
            {name: value for name, value in event.items() if name not in dropped}
            for event in collector.events(kind)
        ]

    return read


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """uvicorn with an application that ends sockets as its paths say, and reports to nobody."""
    port = free_port()
    with Server("uvicorn", "tests.probe.service:app", "--port", str(port), port=port) as running:
        yield running.wait_until_it_listens()


@pytest.fixture
def client(collector: Collector) -> Iterator[Client]:
    """A client's reporter."""
    made = Client("chat", environment="test", endpoint=collector.url, key="fs_test")
    yield made
    made.close(timeout=0.0)


@pytest.fixture
def ends(client: Client, collector: Collector) -> Callable[[], list[dict[str, Any]]]:
    """What the client told of ends, without times and ids."""

    def read() -> list[dict[str, Any]]:
        assert client.flush(10.0) is True
        varying = {"id", "socket", "opened_at", "accepted_at", "ended_at"}
        told = [event for event in collector.events("socket.") if event["kind"] != "socket.opened"]
        return [{name: value for name, value in event.items() if name not in varying} for event in told]

    return read
