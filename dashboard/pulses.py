"""Signs of life of workers and beat, kept in Redis so that every machine sees them.

Ages count on the clock of Redis alone, so that no two hosts need to agree on the time.
"""

from typing import cast

from redis import Redis

KEPT = 3_600  # seconds for which a process that fell silent is remembered
KEY = "falsestart.pulses.{role}"


def show(client: Redis, role: str, process: str) -> None:
    """Note that this process of a role (`worker` or `beat`) is at work now. Raises what the client raises."""
    now, key = _now(client), KEY.format(role=role)
    with client.pipeline(transaction=False) as pipeline:
        pipeline.zadd(key, {process: now})
        pipeline.zremrangebyscore(key, "-inf", now - KEPT)
        pipeline.expire(key, KEPT)
        pipeline.execute()


def ages(client: Redis, role: str) -> list[float]:
    """Seconds since the last sign of life of each process of a role, the youngest first."""
    now = _now(client)
    key = KEY.format(role=role)
    seen = cast("list[tuple[bytes, float]]", client.zrange(key, 0, -1, desc=True, withscores=True))
    return [max(now - moment, 0.0) for _, moment in seen]


def _now(client: Redis) -> float:
    seconds, microseconds = client.time()
    return seconds + microseconds / 1_000_000
