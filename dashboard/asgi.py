"""What Daphne serves: the receiver on its own route, Django for all other HTTP, live pages over WebSocket."""

import gc
from typing import Any

from dashboard.startup import Startup

startup = Startup("web")
startup.django()

with startup.work:
    from channels.auth import AuthMiddlewareStack
    from channels.routing import ProtocolTypeRouter, URLRouter
    from django.conf import settings
    from django.core.asgi import get_asgi_application
    from falsestart.asgi import FalsestartMiddleware

    # Imported also to make it the application that the publisher sends with.
    from dashboard import urls
    from dashboard.celery import app as celery_app
    from dashboard.consumers.routing import websocket_urlpatterns
    from dashboard.edge.origin import SameOrigin
    from dashboard.edge.proxies import Proxies
    from dashboard.edge.requests import RequestLog
    from ingest.receive import PATH, Receiver

    receiver = Receiver()
    django: Any = get_asgi_application()
    # The receiver stays unwatched: what it refuses must not become a report that it has to receive.
    watched_django = FalsestartMiddleware(django, startup.probe)

__all__ = ["application", "celery_app", "urls"]


async def http(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
    """Send batches past Django's middleware, everything else through it."""
    if scope["path"] == scope["root_path"] + PATH:
        await receiver(scope, receive, send)
    else:
        await watched_django(scope, receive, send)


pages = SameOrigin(
    AuthMiddlewareStack(URLRouter(websocket_urlpatterns)),
    hosts=settings.ALLOWED_HOSTS,
    trusted=settings.CSRF_TRUSTED_ORIGINS,
)
watched_pages = FalsestartMiddleware(pages, startup.probe)
# From the outside in: who is it really, one line about it, who answers it.
application = Proxies(
    RequestLog(ProtocolTypeRouter({"http": http, "websocket": watched_pages})),
    trusted=settings.TRUSTED_PROXIES,
    family=settings.PROXY_HEADERS,
    base_path=settings.BASE_PATH,
)

startup.at_work()
startup.under_daphne()

# Django's heap never dies: without this, each full collection walks it and stalls a request by 80 ms.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 50, 100)
