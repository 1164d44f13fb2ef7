"""The one typed message on the channel layer: a hint that a row changed. The row is the promise.

A group is named by a hash, since names from outside may hold anything.
"""

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from typing import Literal, TypedDict

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

FLEET = "fleet"
PUBLISH_TIMEOUT = 1.0  # s; a hint is not worth waiting for

log = logging.getLogger(__name__)


class Changed(TypedDict):
    """A boot was recorded anew, or a deployment was."""

    type: Literal["live.changed"]
    boot: str  # The reporter's boot id; empty for a deployment.
    service: str
    environment: str
    release: str
    mark: int  # The environment's mark of this record.


def release_group(service: str, environment: str, release: str) -> str:
    """Return the group of everybody who watches a release."""
    return _group("release", service, environment, release)


def boot_group(boot: str) -> str:
    """Return the group of everybody who watches a boot."""
    return _group("boot", boot)


def groups_of(changed: Changed) -> tuple[str, ...]:
    """Return the groups that a message goes to."""
    release = release_group(changed["service"], changed["environment"], changed["release"])
    return (FLEET, release, boot_group(changed["boot"])) if changed["boot"] else (FLEET, release)


def _group(kind: str, *names: str) -> str:
    digest = hashlib.sha256("\0".join(names).encode()).hexdigest()
    return f"{kind}.{digest[:32]}"


def publish(changes: Sequence[Changed]) -> None:
    """Send hints to everybody who watches. At most once: what is lost, the pages' marks make up for."""
    if changes:
        async_to_sync(_publish)(changes)


async def _publish(changes: Sequence[Changed]) -> None:
    layer = get_channel_layer()
    try:
        async with asyncio.timeout(PUBLISH_TIMEOUT):
            for changed in changes:
                for group in groups_of(changed):
                    await layer.group_send(group, changed)
    except (OSError, RedisError, TimeoutError) as error:
        log.warning("Could not tell the pages (%s); they will catch up", type(error).__name__)
