import logging
from collections.abc import Callable

import pytest
from falsestart.client import Client
from websockets.asyncio.client import connect

from tests.probe.collector import Collector
from tests.probe.processes import run_python


async def test_without_an_endpoint_it_is_the_library_and_nothing_else() -> None:
    client = Client("chat")
    inner = client.connect("ws://h/ws?a=1")
    assert (client.enabled, type(inner), inner.uri, client.flush()) == (False, connect, "ws://h/ws?a=1", True)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"service": "", "endpoint": "http://h", "key": "k"}, "the service has no usable name"),
        ({"service": "chat", "endpoint": "http://h"}, "FALSESTART_ENDPOINT is set but FALSESTART_KEY is not"),
    ],
)
def test_what_is_missing_is_told_once_and_turns_it_off(
    caplog: pytest.LogCaptureFixture, options: dict[str, str], told: str
) -> None:
    with caplog.at_level(logging.WARNING):
        clients = [Client(**options) for _ in range(2)]
    assert [client.enabled for client in clients] == [False, False]
    assert [record.message for record in caplog.records] == [f"this client reports nothing: {told}"]


def test_it_names_the_service_that_it_talks_to_and_nothing_of_its_own(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "load-generator")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "service.version=9")
    client = Client("chat", environment="staging", instance="chat-7", endpoint=collector.url, key="k")
    client._begin(client._target, "ws://h/ws")  # type: ignore[arg-type]
    client.close()
    assert collector.posts[0].batch["resource"] == {
        "service.name": "chat",
        "deployment.environment.name": "staging",
        "service.instance.id": "chat-7",
    }


def test_a_closed_client_goes_on_without_reporting(collector: Collector) -> None:
    client = Client("chat", endpoint=collector.url, key="k")
    client.close()
    attempt = client._begin(client._target, "ws://h/ws")  # type: ignore[arg-type]
    attempt.accept()
    assert (client.enabled, client.flush(0.1), collector.posts) == (False, False, [])


@pytest.fixture
def refuse_imports() -> Callable[[str], str]:
    """A script that runs without the libraries."""
    block = (
        "import sys\nfor name in ('websockets', 'httpx_ws', 'httpx', 'wsproto'): sys.modules[name] = None\n"
    )
    return lambda script: run_python(block + script)


@pytest.mark.integration
def test_neither_library_is_needed_to_import_it(refuse_imports: Callable[[str], str]) -> None:
    script = """
from falsestart.client import Client
try:
    Client("chat").connect("ws://h")
except ImportError as error:
    print("missing", error.name)
"""
    assert refuse_imports(script) == "missing websockets.asyncio\n"


@pytest.mark.integration
def test_what_is_left_is_sent_at_the_end_of_the_process(collector: Collector) -> None:
    script = """
import os
from falsestart.client import Client
client = Client("chat", endpoint=os.environ["URL"], key="k")
client._begin(client._target, "ws://h/ws")
"""
    run_python(script, URL=collector.url)
    assert [event["kind"] for event in collector.events()] == ["socket.opened"]
