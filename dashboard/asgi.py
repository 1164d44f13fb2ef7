"""What Daphne serves: the receiver on its own route, Django for all other HTTP, live pages over WebSocket."""

import gc
from typing import Any

from dashboard.startup import Startup

startup = Startup("web")
startup.django()

with startup.work:
    from channels.auth import AuthMiddlewareStack
    from channels.routing import ProtocolTypeRouter, URLRouter
    from channels.security.websocket import AllowedHostsOriginValidator
    from django.core.asgi import get_asgi_application
    from falsestart.asgi import FalsestartMiddleware

    # Imported also to make it the application that the publisher sends with.
    from dashboard import urls
    from dashboard.celery import app as celery_app
    from dashboard.consumers.routing import websocket_urlpatterns
    from ingest.receive import PATH, Receiver

    receiver = Receiver()
    django: Any = get_asgi_application()
    # The receiver stays unwatched: what it refuses must not become a report that it has to receive.
    django_application = FalsestartMiddleware(django, startup.probe)
    live_pages = FalsestartMiddleware(
        AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))), startup.probe
    )

__all__ = ["application", "celery_app", "urls"]


async def http(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
    """Send batches past Django's middleware, everything else through it."""
    if scope["path"] == PATH:
        await receiver(scope, receive, send)
    else:
        await django_application(scope, receive, send)


application = ProtocolTypeRouter({"http": http, "websocket": live_pages})

startup.at_work()
startup.under_daphne()

# Django's heap never dies: without this, each full collection walks it and stalls a request by 80 ms.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 50, 100)
