"""Which consumer a WebSocket goes to."""

from django.urls import path

from dashboard.consumers.live import LiveConsumer

websocket_urlpatterns = [path("live/", LiveConsumer.as_asgi())]
