"""What Daphne serves: the receiver on its own route, Django for all other HTTP, live pages over WebSocket."""

import gc
import os
from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
django_application = get_asgi_application()

from dashboard.celery import app as celery_app  # noqa: E402 - makes it the app that the publisher sends with
from dashboard.consumers.routing import websocket_urlpatterns  # noqa: E402 - needs Django set up
from dashboard.edge.origin import SameOrigin  # noqa: E402 - needs Django set up
from dashboard.edge.proxies import Proxies  # noqa: E402 - needs Django set up
from dashboard.edge.requests import RequestLog  # noqa: E402 - needs Django set up
from ingest.receive import PATH, Receiver  # noqa: E402 - needs Django set up

__all__ = ["application", "celery_app"]

receiver = Receiver()


async def http(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
    """Send batches past Django's middleware, everything else through it."""
    if scope["path"] == scope["root_path"] + PATH:
        await receiver(scope, receive, send)
    else:
        await django_application(scope, receive, send)


pages = SameOrigin(
    AuthMiddlewareStack(URLRouter(websocket_urlpatterns)),
    hosts=settings.ALLOWED_HOSTS,
    trusted=settings.CSRF_TRUSTED_ORIGINS,
)
# From the outside in: who is it really, one line about it, who answers it.
application = Proxies(
    RequestLog(ProtocolTypeRouter({"http": http, "websocket": pages})),
    trusted=settings.TRUSTED_PROXIES,
    family=settings.PROXY_HEADERS,
    base_path=settings.BASE_PATH,
)

# Django's heap never dies: without this, each full collection walks it and stalls a request by 80 ms.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 50, 100)
