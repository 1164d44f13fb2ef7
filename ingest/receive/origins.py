"""Cross-origin requests: which pages may send, and read what is answered."""

from datetime import UTC, datetime, timedelta

from channels.db import database_sync_to_async
from django.db import DatabaseError, InterfaceError

from ingest.store import keys
from ingest.wire.batch import Refused

KEPT = timedelta(seconds=2)  # for which a revoked key's origins may still be told that they may send
PREFLIGHT_KEPT = 600  # s; a browser need not ask again for so long
ALLOWED = "Authorization, Content-Type, Content-Encoding, Idempotency-Key"
READABLE = "Retry-After"  # what a page may read beside the body

Headers = list[tuple[bytes, bytes]]


class Origins:
    """The origins to which some live key is bound."""

    def __init__(self) -> None:
        """Nothing has been read yet."""
        self._known: frozenset[str] = frozenset()
        self._read_at: datetime | None = None

    async def readable(self, headers: dict[str, str]) -> Headers:
        """Return the headers by which a page of the request's origin may read the answer.

        Nothing is said to a request that no page made. There is no `Access-Control-Allow-Credentials`:
        what a person's cookies allow is no page's business.
        """
        origin = headers.get("origin")
        if origin is None:
            return []
        vary: Headers = [(b"vary", b"Origin")]
        if origin not in await self._all():
            return vary
        allow = (b"access-control-allow-origin", origin.encode("latin-1"))
        return [*vary, allow, (b"access-control-expose-headers", READABLE.encode())]

    async def preflight(self, headers: dict[str, str]) -> Headers:
        """Return what a browser is told that asks whether a page may send; 403 where it may not."""
        if headers.get("origin") not in await self._all():
            raise Refused(403, "Forbidden", "No key is bound to this origin.")
        return [
            (b"access-control-allow-methods", b"POST"),
            (b"access-control-allow-headers", ALLOWED.encode()),
            (b"access-control-max-age", str(PREFLIGHT_KEPT).encode()),
        ]

    async def _all(self) -> frozenset[str]:
        now = datetime.now(UTC)
        if self._read_at is not None:
            if now - self._read_at < KEPT:
                return self._known
            # Whoever comes while the database is asked, or waited for, gets what was known.
            self._read_at = now
        try:
            self._known = await database_sync_to_async(keys.origins)(now)
        except (DatabaseError, InterfaceError):
            # The page shall be able to read that the database is away.
            return self._known
        finally:
            self._read_at = now
        return self._known


def is_preflight(method: str, headers: dict[str, str]) -> bool:
    """Tell whether a browser asks for leave."""
    return method == "OPTIONS" and "origin" in headers and "access-control-request-method" in headers
