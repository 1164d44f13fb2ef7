"""Whether what the web process leans on is there."""

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from redis import Redis
from redis.exceptions import RedisError

REDIS_TIMEOUT = 0.5  # s


def database() -> str:
    """Return `ok`, `behind` where migrations are missing, or `away`."""
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "away"
    return "behind" if pending else "ok"


def redis() -> str:
    """Return `ok` or `away`."""
    client = Redis.from_url(
        settings.REDIS_URL, socket_timeout=REDIS_TIMEOUT, socket_connect_timeout=REDIS_TIMEOUT
    )
    try:
        client.ping()
    except (RedisError, OSError):
        return "away"
    finally:
        client.close()
    return "ok"
