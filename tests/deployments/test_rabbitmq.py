"""RabbitMQ as the broker: hangs, dies and comes back while answers go out as if nothing was."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployments.brokers import NO_RABBITMQ, RabbitMQ, rabbitmq_program
from tests.deployments.installation import PATIENCE, Web, installed, wait_until_ready
from tests.engines import wait_until
from tests.ingest.batches import document, race

pytestmark = pytest.mark.integration

PROMPT = 5.0  # seconds for an answer on a busy machine; a publisher that waited for the broker never ends


@pytest.fixture
def rabbitmq() -> Iterator[RabbitMQ]:
    """A node of its own."""
    program = rabbitmq_program()
    if program is None:
        pytest.skip(NO_RABBITMQ)
    node = RabbitMQ(program)
    try:
        node.start()
        yield node
    finally:
        node.stop()


def accepted_promptly(web: Web, boot: str) -> bool:
    """Report a boot that raced; whether it was accepted without waiting for anybody."""
    began = time.monotonic()
    return web.post(document(race(), boot=boot)) == 202 and time.monotonic() - began < PROMPT


def test_tasks_go_by_rabbitmq_and_no_answer_waits_for_it(
    rabbitmq: RabbitMQ, redis_url: str, postgres_url: str, tmp_path: Path
) -> None:
    settings = {"REDIS_URL": redis_url, "BROKER_URL": rabbitmq.url}
    with installed(tmp_path, DATABASE_URL=postgres_url, **settings) as installation:
        web, _, beat = installation.web(), installation.worker(), installation.beat()
        wait_until_ready(web)

        # Without beat nothing is swept: the hint alone brings this to the worker.
        beat.send_signal(signal.SIGSTOP)
        assert accepted_promptly(web, "hinted")
        wait_until(lambda: web.correlated("hinted"), "the hint to do its work", PATIENCE)
        beat.send_signal(signal.SIGCONT)

        rabbitmq.node.send(signal.SIGSTOP)
        assert [accepted_promptly(web, f"hung-{number}") for number in range(3)] == [True] * 3
        assert web.states()["broker"] == "away"
        rabbitmq.node.send(signal.SIGCONT)
        wait_until(lambda: web.correlated("hung-2"), "what came while it hung", PATIENCE)

        rabbitmq.kill()
        assert [accepted_promptly(web, f"dead-{number}") for number in range(3)] == [True] * 3
        assert web.states()["broker"] == "away"
        rabbitmq.start()
        wait_until_ready(web)
        wait_until(lambda: web.correlated("dead-2"), "what came while it was dead", PATIENCE)
