"""A Django Channels application with the probe around all of it, as in a project's `asgi.py`."""

from typing import Any

import django
from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["localhost"],
    SECRET_KEY="of a test",
    ROOT_URLCONF=(),
    CHANNEL_LAYERS={
        "default": {"BACKEND": "channels.layers.InMemoryChannelLayer"},
        # Nobody listens there: all that it is asked for fails as it does when Redis is down.
        "down": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": ["redis://127.0.0.1:1"]},
        },
    },
)
django.setup()

from channels.exceptions import DenyConnection  # noqa: E402 - after the settings
from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.core.asgi import get_asgi_application  # noqa: E402
from django.urls import path  # noqa: E402
from falsestart import Probe  # noqa: E402
from falsestart.asgi import FalsestartMiddleware  # noqa: E402

probe = Probe("channels-chat", auto_ready=False)
with probe.phase("database"):
    pass


class Consumer(AsyncWebsocketConsumer):  # type: ignore[misc] # Channels has no types
    """The path says what happens to the socket."""

    async def connect(self) -> None:
        act = self.scope["url_route"]["kwargs"]["act"]
        await getattr(self, f"when_{act}")()

    async def when_raise_early(self) -> None:
        raise KeyError("session")

    async def when_deny(self) -> None:
        raise DenyConnection

    async def when_close_early(self) -> None:
        await self.close(code=4001)

    async def when_raise_late(self) -> None:
        await self.accept()
        raise KeyError("session")

    async def when_close_1011(self) -> None:
        await self.accept()
        await self.close(code=1011)

    async def when_close_4001(self) -> None:
        await self.accept()
        await self.close(code=4001)

    async def when_echo(self) -> None:
        await self.accept()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if text_data == "raise":
            raise KeyError("session")
        await self.send(text_data=text_data, bytes_data=bytes_data)


class Grouped(Consumer):
    """One whose groups are kept where nobody listens."""

    channel_layer_alias = "down"
    groups = ("room",)


routes = [path("redis_is_down", Grouped.as_asgi()), path("<act>", Consumer.as_asgi())]
sockets: Any = URLRouter(routes)
application = FalsestartMiddleware(
    ProtocolTypeRouter({"http": get_asgi_application(), "websocket": AllowedHostsOriginValidator(sockets)}),
    probe,
)
