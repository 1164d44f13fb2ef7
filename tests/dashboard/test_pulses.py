"""Signs of life, kept in Redis so that every machine sees them."""

from collections.abc import Iterator

import pytest
from redis import Redis

from dashboard import pulses

pytestmark = pytest.mark.integration


@pytest.fixture
def client(redis_url: str) -> Iterator[Redis]:
    """A client of a Redis that knows of no process."""
    with Redis.from_url(redis_url) as client:
        client.delete(pulses.KEY.format(role="worker"))
        yield client
        client.delete(pulses.KEY.format(role="worker"))


def test_nobody_is_known_before_the_first_sign_of_life(client: Redis) -> None:
    assert pulses.ages(client, "worker") == []


def test_each_process_has_one_age_on_the_clock_of_redis(client: Redis) -> None:
    for process in ("one:1", "two:1", "one:1"):
        pulses.show(client, "worker", process)
    ages = pulses.ages(client, "worker")
    assert (len(ages), sorted(ages) == ages, 0 <= max(ages) < 30) == (2, True, True)


def test_roles_are_kept_apart(client: Redis) -> None:
    pulses.show(client, "worker", "one:1")
    assert pulses.ages(client, "nobody") == []


def test_who_is_silent_for_long_is_forgotten_and_so_is_the_last_one(client: Redis) -> None:
    key = pulses.KEY.format(role="worker")
    client.zadd(key, {"gone:1": 0})
    pulses.show(client, "worker", "one:1")
    assert (client.zrange(key, 0, -1), 0 < client.ttl(key) <= pulses.KEPT) == ([b"one:1"], True)
