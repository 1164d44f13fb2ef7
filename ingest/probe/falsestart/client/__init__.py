"""For test clients and load generators in Python: reports what a client sees of its WebSockets.

Wraps `websockets` and `httpx-ws`; needs neither to be imported.
"""

from falsestart.client.reporter import Client

__all__ = ["Client"]
