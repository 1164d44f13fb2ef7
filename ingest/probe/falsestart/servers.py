"""What a server closed a socket with by itself, where it can be seen: ASGI does not tell the application."""

from falsestart.messages import Receive

CLOSE_CODES = range(1000, 5000)


def closed_by_server(receive: Receive) -> tuple[int, str] | None:
    """Code and reason of a close frame that the server sent when the peer had sent none, else None.

    Reads what uvicorn's protocol objects keep; anywhere else, and in a version that keeps it otherwise,
    the answer is None.
    """
    protocol = getattr(receive, "__self__", None)
    frames = getattr(protocol, "conn", protocol)
    if getattr(frames, "close_rcvd", None) is not None:
        return None
    sent = getattr(frames, "close_sent", None)
    code, reason = getattr(sent, "code", None), getattr(sent, "reason", None)
    if not isinstance(code, int) or code not in CLOSE_CODES:
        return None
    return code, reason if isinstance(reason, str) else ""
