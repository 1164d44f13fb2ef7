"""Redis under sentinels: its primary is killed, and tasks and live pages go on with the other one."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from tests.deployments.brokers import Watched
from tests.deployments.installation import PATIENCE, installed, wait_until_ready
from tests.engines import LOOPBACK, wait_until
from tests.ingest.batches import document, race

pytestmark = pytest.mark.integration


@pytest.fixture
def watched() -> Iterator[Watched]:
    """A primary, its replica and three sentinels, all with passwords."""
    watched = Watched()
    try:
        watched.start()
        yield watched
    finally:
        watched.stop()


def test_a_failover_loses_nothing_and_everything_goes_on(
    watched: Watched, postgres_url: str, tmp_path: Path
) -> None:
    settings = {"REDIS_URL": watched.url, "REDIS_SENTINEL_PASSWORD": watched.sentinel_password}
    with installed(tmp_path, DATABASE_URL=postgres_url, **settings) as installation:
        web, _, beat = installation.web(), installation.worker(), installation.beat()
        wait_until_ready(web)
        with web.watched("/") as viewer:
            assert web.post(document(race(), boot="before", service="before")) == 202
            viewer.wait_for("before")

            watched.primary.kill()
            assert web.post(document(race(), boot="during", service="during")) == 202
            wait_until(watched.failed_over, "the sentinels to fail over")
            wait_until_ready(web)
            wait_until(lambda: web.correlated("during"), "what came meanwhile", PATIENCE)
            viewer.wait_for("during")

            # Without beat nothing is swept: the hint alone brings this to the worker and to the page.
            beat.send_signal(signal.SIGSTOP)
            assert web.post(document(race(), boot="after", service="after")) == 202
            wait_until(lambda: web.correlated("after"), "the next boot", PATIENCE)
            viewer.wait_for("after")
            with Redis(host=LOOPBACK, port=watched.replica.port, password=watched.password) as primary:
                assert b"falsestart__group__fleet" in primary.pubsub_channels()
