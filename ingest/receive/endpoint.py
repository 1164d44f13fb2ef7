"""`POST /api/v1/batches`: the hot path, a raw ASGI endpoint beside Django's handler.

Authenticates, decodes, waits for the group commit, answers 202. It never waits for Redis.
"""

import asyncio
import hashlib
import logging
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import msgspec
from channels.db import database_sync_to_async
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, OperationalError

from ingest import auth
from ingest.receive import clients
from ingest.receive.commit import Committer
from ingest.receive.origins import Origins, is_preflight
from ingest.receive.publish import Publisher
from ingest.store import keys
from ingest.store.incoming import Incoming, Stored
from ingest.wire import body, formats
from ingest.wire.batch import Batch, Refused
from ingest.wire.compression import IDENTITY

PATH = "/api/v1/batches"
GRANT_KEPT = timedelta(seconds=2)  # for which a revoked key may still be honoured
GRANTS_KEPT = 1_000  # grants in memory, at most
RETRY_AFTER = 2  # s, when too much waits or the database is away
OFFLOAD = 16 * 1024  # bytes; a larger body is decoded in a thread, so that the event loop stays free
DECODERS = 2  # threads; each may need a hundred megabytes, and more would not be faster
IDEMPOTENCY_KEY = re.compile(r'(?P<quote>"?)(?P<key>[\x21\x23-\x5b\x5d-\x7e]{1,255})(?P=quote)')

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Answer = tuple[int, bytes, list[tuple[bytes, bytes]]]


class Receiver:
    """The ASGI application of `PATH`."""

    def __init__(self, committer: Committer | None = None, publisher: Publisher | None = None) -> None:
        """Take what stores and what tells the workers."""
        self._committer = committer or Committer()
        self._publisher = publisher or Publisher()
        self._decoders = ThreadPoolExecutor(DECODERS, thread_name_prefix="decoder")
        self._origins = Origins()
        self._rates = clients.Rates()
        self._grants: dict[str, tuple[datetime, auth.Grant]] = {}
        self._away_until = 0.0  # s, monotonic; until then nobody asks the database for a key.

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = _headers(scope)
        try:
            answer = await self._answer(scope, headers, receive)
        except Refused as refused:
            answer = _problem(refused)
        except _Gone:
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, the sender gets an answer
            answer = _problem(_failed(error))
        status, content, own = answer
        await _respond(send, status, content, [*own, *await self._origins.readable(headers)])

    async def _answer(self, scope: Scope, sent: dict[str, str], receive: Receive) -> Answer:
        if is_preflight(scope["method"], sent):
            return 200, b"", await self._origins.preflight(sent)
        if scope["method"] != "POST":
            allow = (("Allow", "POST"),)
            raise Refused(405, "Method not allowed", "Batches are sent with POST.", headers=allow)
        headers = clients.as_sent(sent, scope["query_string"])
        grant = await self._grant(headers)
        clients.check_request(grant, sent, headers)
        form = body.check_headers(headers)
        if self._committer.full:
            raise _slow_down()
        self._rates.check(grant, time.monotonic())
        received = await _read(receive)
        clients.check_size(grant, len(received))
        incoming = await self._decode(received, form, headers, grant)
        if self._committer.full:  # Many may have come in at once.
            raise _slow_down()
        result = await asyncio.wrap_future(self._committer.submit(incoming))
        if not isinstance(result, Stored):
            raise result
        self._publisher.publish(result.boots, result.environments)
        return 202, result.answer.encode(), [(b"content-type", b"application/json")]

    async def _decode(
        self, received: bytes, form: body.Form, headers: dict[str, str], grant: auth.Grant
    ) -> Incoming:
        key = _idempotency_key(headers)
        decode = partial(_decode, received, form, keyed=key is not None)
        # A few compressed bytes may be a thousand times as many.
        if len(received) > OFFLOAD or form.encoding != IDENTITY:
            batch, digest = await asyncio.get_running_loop().run_in_executor(self._decoders, decode)
        else:
            batch, digest = decode()
        if not grant.allows(batch.resource.service, batch.resource.environment):
            detail = f"This key may not write for {batch.resource.service} in {batch.resource.environment}."
            raise Refused(403, "Forbidden", detail)
        clients.check_batch(grant, batch)
        return Incoming(
            batch=batch,
            received_at=datetime.now(UTC),
            key_id=grant.key_id,
            idempotency_key=key,
            digest=digest,
        )

    async def _grant(self, headers: dict[str, str]) -> auth.Grant:
        secret = auth.bearer(headers.get("authorization", ""))
        if secret is None:
            raise _unauthorized("Send `Authorization: Bearer <key>`.")
        grant = await self._find_grant(auth.digest(secret), secret)
        if grant is None:
            raise _unauthorized("This key is unknown, expired or revoked.")
        if grant.scope == "read":
            raise Refused(403, "Forbidden", "This key may read, not write.")
        return grant

    async def _find_grant(self, digest: str, secret: str) -> auth.Grant | None:
        now = datetime.now(UTC)
        found_at, kept = self._grants.get(digest, (now, None))
        if kept is not None and now - found_at < GRANT_KEPT and not kept.expired(now):
            return kept
        self._grants.pop(digest, None)
        grant: auth.Grant | None = await database_sync_to_async(self._look_up)(secret, now)
        if grant is not None:
            if len(self._grants) >= GRANTS_KEPT:
                self._grants.clear()
            self._grants[digest] = (now, grant)
        return grant

    def _look_up(self, secret: str, now: datetime) -> auth.Grant | None:
        # One thread looks up for all, and waits for seconds where the database is away: who stands in line
        # behind it must not wait as long again, each after the other.
        if time.monotonic() < self._away_until:
            raise _unavailable()
        try:
            return keys.find(secret, now)
        except (OperationalError, InterfaceError):
            self._away_until = time.monotonic() + RETRY_AFTER
            raise


class _Gone(Exception):  # noqa: N818 - nobody is left to answer
    """The sender went away before its body was whole."""


def _decode(received: bytes, form: body.Form, *, keyed: bool) -> tuple[Batch, str]:
    """Return the batch and the digest of its bytes: what is compressed again is still the same body."""
    batch, content = formats.decode(received, form)
    return batch, hashlib.sha256(content).hexdigest() if keyed else ""


def _headers(scope: Scope) -> dict[str, str]:
    """Return the headers by their names in lower case; of one that came twice both values."""
    headers: dict[str, str] = {}
    for raw, value in scope["headers"]:
        name, said = raw.decode("latin-1").lower(), value.decode("latin-1")
        headers[name] = f"{headers[name]}, {said}" if name in headers else said
    return headers


async def _read(receive: Receive) -> bytes:
    """Read the whole body, also one that comes in chunks without a length."""
    parts: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        body.check_size(size)
        more = message.get("more_body", False)
    return b"".join(parts)


def _idempotency_key(headers: dict[str, str]) -> str | None:
    header = headers.get("idempotency-key")
    if header is None:
        return None
    match = IDEMPOTENCY_KEY.fullmatch(header)
    if match is None:
        raise Refused(400, "Bad request", "`Idempotency-Key` must be 1 to 255 visible ASCII characters.")
    return match["key"]


def _unauthorized(detail: str) -> Refused:
    return Refused(401, "Unauthorized", detail, headers=(("WWW-Authenticate", "Bearer"),))


def _slow_down() -> Refused:
    later = (("Retry-After", str(RETRY_AFTER)),)
    return Refused(429, "Too fast", "More waits to be stored than should; send again later.", headers=later)


def _failed(error: Exception) -> Refused:
    """Tell a database that is away, where another try helps, from a fault of ours, where it does not."""
    lasting = isinstance(error, DataError | IntegrityError)
    if isinstance(error, DatabaseError | InterfaceError) and not lasting:
        log.warning("A batch could not be stored: the database is away (%s)", type(error).__name__)
        return _unavailable()
    log.error("A batch could not be stored", exc_info=error)
    return Refused(500, "Internal error", "Nothing was stored; the reason is in our log.")


def _unavailable() -> Refused:
    later = (("Retry-After", str(RETRY_AFTER)),)
    return Refused(503, "Database away", "Nothing was stored; send the same batch again.", headers=later)


def _problem(refused: Refused) -> Answer:
    headers = [(name.lower().encode(), value.encode()) for name, value in refused.headers]
    document = msgspec.json.encode(refused.document())
    return refused.status, document, [(b"content-type", b"application/problem+json"), *headers]


async def _respond(send: Send, status: int, content: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    length = (b"content-length", str(len(content)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": content})
