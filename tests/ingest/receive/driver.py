"""A receiver driven without a server: what a server would hand to it, and what it hands back."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from ingest.receive.commit import Committer
from ingest.receive.endpoint import PATH, Receiver
from ingest.receive.publish import Publisher
from ingest.store import keys
from ingest.store.incoming import Incoming
from ingest.store.save import Result, save_group

PATIENCE = 30.0  # s, or a receiver that hangs would hang the tests

Message = dict[str, Any]
Chunks = Sequence[bytes]
Headers = Mapping[str, str] | Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """The JSON inside."""
        return json.loads(self.body)


class Saving:
    """The real store, which notes the size of each group.

    It gives its connection back, since the committer's thread outlives the test's database.
    """

    def __init__(self) -> None:
        """Nothing is stored yet."""
        self.groups: list[int] = []

    def __call__(self, group: Sequence[Incoming]) -> list[Result]:
        """Store a group."""
        self.groups.append(len(group))
        try:
            return save_group(group)
        finally:
            connection.close()


class Held(Saving):
    """A store that starts to work only when it is told to, as a database under load."""

    def __init__(self) -> None:
        """Hold everything."""
        super().__init__()
        self.reached = threading.Event()
        self.release = threading.Event()

    def __call__(self, group: Sequence[Incoming]) -> list[Result]:
        """Wait, then store."""
        self.reached.set()
        self.release.wait()
        return super().__call__(group)


class Raising:
    """A store that fails in one way until it is mended."""

    def __init__(self, error: Exception) -> None:
        """Fail with this."""
        self.error: Exception | None = error
        self.mended = Saving()

    def __call__(self, group: Sequence[Incoming]) -> list[Result]:
        """Fail, or store."""
        if self.error is not None:
            raise self.error
        return self.mended(group)


class Hints(Publisher):
    """Keeps the hints that would be sent to the workers."""

    def __init__(self) -> None:
        """No hint yet."""
        super().__init__()
        self.boots: list[int] = []

    def publish(self, boots: Iterable[int], environments: Iterable[int] = ()) -> None:  # noqa: ARG002
        """Keep a hint."""
        self.boots += boots


class Desk:
    """A receiver with a key that may write everything."""

    def __init__(
        self,
        save: Callable[[Sequence[Incoming]], list[Result]] | None = None,
        publisher: Publisher | None = None,
    ) -> None:
        """Take what stores and what tells the workers, or the real store and nobody."""
        self.hints = Hints()
        self.receiver = Receiver(Committer(save or Saving()), publisher or self.hints)
        self.key = keys.create("write")

    def post(self, sent: object, **headers: str | None) -> Response:
        """Post a document, or raw bytes, as one request; a header of None is not sent."""
        return asyncio.run(self.request(sent, **headers))

    async def request(self, sent: object, **headers: str | None) -> Response:
        """The same inside an event loop."""
        body = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
        response = await self.drive([body], headers=self.headers(**headers))
        assert response is not None
        return response

    def headers(self, **changed: str | None) -> dict[str, str]:
        """The usual headers, with some of them changed."""
        usual = {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        said = usual | {name.replace("_", "-"): value for name, value in changed.items()}
        return {name: value for name, value in said.items() if value is not None}

    async def drive(
        self,
        chunks: Chunks,
        *,
        method: str = "POST",
        headers: Headers = (),
        query: str = "",
        whole: bool = True,
    ) -> Response | None:
        """Hand over a body in chunks; a sender of one that is not whole then goes away."""
        pairs = headers.items() if isinstance(headers, Mapping) else headers
        messages: list[Message] = [{"type": "http.request", "body": c, "more_body": True} for c in chunks]
        messages.append(
            {"type": "http.request", "more_body": False} if whole else {"type": "http.disconnect"}
        )
        queue = iter(messages)
        answered: list[Message] = []

        async def receive() -> Message:
            return next(queue)

        async def send(message: Any) -> None:
            answered.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": PATH,
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in pairs],
        }
        async with asyncio.timeout(PATIENCE):
            await self.receiver(scope, receive, send)
        self.unread = len(list(queue))
        return _response(answered)


def _response(messages: Sequence[Message]) -> Response | None:
    if not messages:
        return None
    start, body = messages
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    assert int(headers.pop("content-length")) == len(body["body"])
    return Response(status=start["status"], headers=headers, body=body["body"])
