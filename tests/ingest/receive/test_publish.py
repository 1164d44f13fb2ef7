"""Hints to the workers: sent from a thread of their own, together, at most once, never waited for."""

import base64
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from dashboard.celery import app
from ingest.receive.publish import CORRELATE, CORRELATE_ENVIRONMENTS, Publisher
from tests.engines import Valkey, wait_until

pytestmark = pytest.mark.integration


class Queue:
    """The broker's queue, read as a worker would."""

    def __init__(self, client: redis.Redis) -> None:
        """Start with an empty one."""
        self.client: Any = client
        self.name = app.conf.task_default_queue
        self.client.delete(self.name)

    def messages(self) -> list[tuple[str, list[int]]]:
        """Tasks and what they are about, oldest first."""
        sent = [json.loads(message) for message in reversed(self.client.lrange(self.name, 0, -1))]
        return [(one["headers"]["task"], json.loads(base64.b64decode(one["body"]))[0][0]) for one in sent]

    def holds(self, *boots: int) -> bool:
        """Tell whether there is a hint for each of these boots."""
        return set(boots) <= {boot for _, listed in self.messages() for boot in listed}


@pytest.fixture
def queue(redis_url: str) -> Iterator[Queue]:
    with redis.Redis.from_url(redis_url) as client:
        yield Queue(client)
        client.delete(app.conf.task_default_queue)


def test_boots_and_environments_are_told_to_their_tasks(queue: Queue) -> None:
    publisher = Publisher()
    publisher.publish([3, 1, 2], [7])

    wait_until(lambda: len(queue.messages()) == 2, "the hints")
    assert queue.messages() == [(CORRELATE, [1, 2, 3]), (CORRELATE_ENVIRONMENTS, [7])]
    assert publisher.failures == 0


def test_what_is_due_meanwhile_goes_together_and_once(queue: Queue) -> None:
    publisher = Publisher()
    with publisher._wake:  # nobody is told before all is said
        for boot in (1, 2, 1, 2, 3):
            publisher.publish([boot])

    wait_until(lambda: queue.holds(1, 2, 3), "the hint")
    assert queue.messages() == [(CORRELATE, [1, 2, 3])]


def test_a_burst_is_told_in_few_messages(queue: Queue) -> None:
    publisher = Publisher()
    publisher.publish([0])
    wait_until(lambda: queue.holds(0), "the first hint")
    for boot in range(1, 201):
        publisher.publish([boot])

    wait_until(lambda: queue.holds(*range(201)), "the hints")
    assert (len(queue.messages()) < 50) is True


def test_an_empty_hint_sends_nothing(queue: Queue) -> None:
    publisher = Publisher()
    publisher.publish([])
    publisher.publish([9])

    wait_until(lambda: queue.holds(9), "the hint")
    assert queue.messages() == [(CORRELATE, [9])]


def test_a_dead_broker_is_given_up_on_counted_and_found_again(valkey: Valkey) -> None:
    publisher = Publisher()
    valkey.kill()
    try:
        started = time.monotonic()
        publisher.publish([1])
        told = time.monotonic() - started
        wait_until(lambda: publisher.failures == 1, "the hint to fail")
        gave_up = time.monotonic() - started
    finally:
        valkey.start()
    with redis.Redis.from_url(valkey.url) as client:
        queue = Queue(client)

        def arrives() -> bool:
            publisher.publish([2])
            return queue.holds(2)

        wait_until(arrives, "a hint to arrive again")
        queue.client.delete(queue.name)
    assert (told < 0.1, gave_up < 3.0) == (True, True)
