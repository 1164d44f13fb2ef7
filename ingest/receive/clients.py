"""What a client key may do. It lies open in a web page: so origin, content, size and rate are bound."""

from urllib.parse import parse_qs

from ingest.auth import CLIENT, Grant
from ingest.domain.events import AnyEvent, SocketEnded, SocketRejected
from ingest.domain.words import Origin, Role
from ingest.wire.batch import Batch, Refused

MAX_BODY = 256 * 1024  # bytes of a batch; a page's own is a quarter of that at most
RATE = 100.0  # batches a second, for each key and process
BURST = 200.0  # batches at once
RETRY_AFTER = 5  # s
IN_ORDER = frozenset({1000, 1001, 1005})  # close codes of which a page may tell a sample
MOST_SAMPLED = 10_000  # sockets that one of the sample stands for
BEACON = "text/plain"  # what `sendBeacon` may send to another origin without asking for leave first


def as_sent(headers: dict[str, str], query: bytes) -> dict[str, str]:
    """Return the headers that a beacon would have sent had it been able to; others as they are.

    A beacon can set no header: its key comes in the query, and its JSON as plain text.
    """
    key = _key_in(query)
    if key is None or "authorization" in headers:
        return headers
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    json = {"content-type": "application/json"} if media_type == BEACON else {}
    return {**headers, **json, "authorization": f"Bearer {key}"}


def check_request(grant: Grant, sent: dict[str, str], headers: dict[str, str]) -> None:
    """Refuse what the kind of the key forbids: `headers` are those of `as_sent`, `sent` those that came."""
    if grant.scope != CLIENT:
        if sent is not headers:
            detail = "Only a client key may be sent in the address; send `Authorization: Bearer <key>`."
            raise Refused(403, "Forbidden", detail)
        return
    origin = headers.get("origin")
    if origin not in grant.origins:
        came = "from a page" if origin is None else f"from a page of {origin}"
        raise Refused(403, "Forbidden", f"This key is bound to other origins and may not be sent {came}.")
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Refused(415, "Unsupported encoding", "A client key takes bodies as they are.")
    length = headers.get("content-length", "0")
    if length.isascii() and length.isdigit():
        check_size(grant, int(length[:20]))


def check_size(grant: Grant, received: int) -> None:
    """Refuse a body of more bytes than a page has to say."""
    if grant.scope == CLIENT and received > MAX_BODY:
        raise Refused(
            413, "Too large", f"With a client key a body may have {MAX_BODY} bytes; split the batch."
        )


def check_batch(grant: Grant, batch: Batch) -> None:
    """Refuse what only somebody else than a client could know, and counts that nobody could check."""
    if grant.scope != CLIENT:
        return
    if batch.reporter.role is not Role.CLIENT or batch.boot is not None:
        detail = "A client key may only tell what a client saw: reporter role `client`, and no `boot`."
        raise Refused(403, "Forbidden", detail)
    unfair = next((item.index for item in batch.items if not _counts_fairly(item.event)), None)
    if unfair is not None:
        pointer = f"/events/{unfair}/stands_for"
        detail = f"With a client key only an end in order may stand for others, for {MOST_SAMPLED} at most"
        raise Refused(422, "Invalid batch", f"{pointer}: {detail}", errors=((pointer, detail),))


def _counts_fairly(event: AnyEvent) -> bool:
    """Tell whether an event counts for itself, or is a sample of what is nobody's fault.

    Else one event of anybody who read the page could be two thousand million failures.
    """
    if not isinstance(event, SocketEnded | SocketRejected) or event.stands_for == 1:
        return True
    in_order = isinstance(event, SocketEnded) and event.code in IN_ORDER and event.exception is None
    return in_order and event.origin in (Origin.PEER, Origin.UNKNOWN) and event.stands_for <= MOST_SAMPLED


class Rates:
    """A bucket for each client key: it holds `BURST` batches and is filled by `RATE` a second."""

    def __init__(self, rate: float = RATE, burst: float = BURST) -> None:
        """Batches a second, and at once."""
        self._rate = rate
        self._burst = burst
        self._buckets: dict[int, tuple[float, float]] = {}  # By key: batches left, and when that was, in s.

    def check(self, grant: Grant, now: float) -> None:
        """Refuse a client key's batch with 429 where too many came before; `now` in seconds, monotonic."""
        if grant.scope != CLIENT:
            return
        left, then = self._buckets.get(grant.key_id, (self._burst, now))
        left = min(self._burst, left + (now - then) * self._rate)
        if left < 1.0:
            later = (("Retry-After", str(RETRY_AFTER)),)
            raise Refused(429, "Too fast", "This key sends more than one key may.", headers=later)
        self._buckets[grant.key_id] = (left - 1.0, now)


def _key_in(query: bytes) -> str | None:
    found = parse_qs(query.decode("latin-1")).get("key", [])
    return found[0] if len(found) == 1 else None
