"""Hypercorn's limits for the tests, which it takes from a module only."""

websocket_max_message_size = 1_000  # bytes
websocket_ping_interval = 0.2  # seconds
