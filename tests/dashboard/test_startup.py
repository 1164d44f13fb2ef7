"""Our own start, told by our own probe: every part with its name, and nothing where nobody asked."""

import logging
import threading
from collections.abc import Iterator

import pytest

from dashboard.ourselves import VERSION
from dashboard.startup import Startup, is_news
from tests.engines import Valkey
from tests.probe.collector import Collector

pytestmark = pytest.mark.integration


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A server that the environment names for reports."""
    with Collector() as running:
        monkeypatch.setenv("FALSESTART_ENDPOINT", running.url)
        monkeypatch.setenv("FALSESTART_KEY", "fs_own")
        monkeypatch.setenv("FALSESTART_ENVIRONMENT", "staging")
        yield running


@pytest.fixture
def startup(collector: Collector) -> Iterator[Startup]:
    """A web process that begins."""
    assert collector.posts == []
    startup = Startup("web")
    yield startup
    startup.probe.close(0.0)


def phases(collector: Collector) -> list[tuple[str, str]]:
    """How each phase ended, in the order of their ends."""
    return [(event["phase"], event["status"]) for event in collector.events("phase.finished")]


def test_without_an_endpoint_nothing_is_told_and_no_thread_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FALSESTART_ENDPOINT", raising=False)
    before = set(threading.enumerate())
    startup = Startup("web")
    startup.django()
    with startup.work:
        pass
    startup.at_work()
    startup.under_daphne()
    assert (startup.probe.enabled, set(threading.enumerate()) - before) == (False, set())


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("valkey")
def test_every_part_of_a_start_is_told(startup: Startup, collector: Collector) -> None:
    startup.django()
    with startup.work:
        pass
    startup.at_work()
    startup.at_work()
    collector.wait_for("boot.ready")
    assert phases(collector) == [
        ("settings", "ok"),
        ("apps", "ok"),
        ("work", "ok"),
        ("database", "ok"),
        ("redis", "ok"),
    ]
    resource = collector.posts[0].batch["resource"]
    assert (resource["service.name"], resource["service.version"]) == ("falsestart", VERSION)
    assert resource["deployment.environment.name"] == "staging"
    assert resource["service.instance.id"].startswith("web@")


@pytest.mark.django_db(transaction=True)
def test_a_start_without_redis_goes_on_without_it(
    startup: Startup, collector: Collector, valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.startup.REDIS_PATIENCE", 0.0)
    valkey.kill()
    try:
        startup.at_work()
        collector.wait_for("boot.ready")
    finally:
        valkey.start()
    assert phases(collector) == [("database", "ok"), ("redis", "timeout")]


def test_an_orderly_end_is_told_before_anything_stops(startup: Startup, collector: Collector) -> None:
    with startup.phase("settings"):
        pass
    startup.end()
    told = [event["kind"] for event in collector.events()]
    assert (told[-2:], startup.probe.enabled) == (["boot.draining", "boot.exited"], False)


@pytest.mark.parametrize(
    ("said", "news"),
    [
        ("cannot reach the server (%s), will keep trying: %s", False),
        ("the server refused a batch with HTTP %s: its %d events are dropped, and counted", True),
    ],
)
def test_a_process_that_cannot_hear_itself_yet_does_not_complain(said: str, news: bool) -> None:
    assert is_news(logging.makeLogRecord({"msg": said})) is news
