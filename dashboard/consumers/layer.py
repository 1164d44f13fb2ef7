"""The channel layer: Redis pub/sub that lets a page open while Redis is away."""

import logging
import uuid

from channels_redis.pubsub import RedisPubSubChannelLayer
from redis.exceptions import RedisError

AWAY = (OSError, RedisError)  # what the layer raises when Redis cannot be reached

log = logging.getLogger(__name__)


class PatientLayer(RedisPubSubChannelLayer):  # type: ignore[misc]
    """Gives every consumer a channel at once: its page is read from the database, and hints come later."""

    async def new_channel(self, prefix: str = "specific.") -> str:
        """Return a new channel of this process, which others can reach once Redis is there."""
        layer = self._get_layer()
        channel = f"{layer.prefix}{prefix}{uuid.uuid4().hex}"
        try:
            # Known to this process from its first line on, whether or not Redis answers then.
            await layer._subscribe_to_channel(channel)  # noqa: SLF001 - the library has no other way
        except AWAY as error:
            log.warning("A live page begins without hints (%s)", type(error).__name__)
        return channel
