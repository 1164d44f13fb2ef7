"""Which consumer a WebSocket goes to."""

from dashboard.consumers.routing import websocket_urlpatterns


def test_pages_listen_at_live() -> None:
    assert [str(route.pattern) for route in websocket_urlpatterns] == ["live/"]
