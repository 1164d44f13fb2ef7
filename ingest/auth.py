"""API keys: what a secret looks like, what is kept of it, and what it allows."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

PREFIX = "fs_"
SECRET_BYTES = 32  # of randomness, so that one round of SHA-256 is enough
SHOWN = 11  # characters of a secret that people may see again
CLIENT = "client"  # the scope of a key that lies open in web pages
MOST_ORIGINS = 50  # of one key
DEFAULT_PORTS = {"http": ":80", "https": ":443"}  # which a browser leaves out of an origin
_ORIGIN = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(?P<port>:\d{1,5})?"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """What the holder of a key may do."""

    key_id: int
    scope: str  # `write`, `read` or `client`.
    service: str  # Empty: any.
    environment: str  # Empty: any.
    expires_at: datetime | None
    origins: frozenset[str] = frozenset()  # Of the pages that a `client` key may be sent from.

    def allows(self, service: str, environment: str) -> bool:
        """Tell whether the key reaches this service and environment."""
        return self.service in ("", service) and self.environment in ("", environment)

    def expired(self, now: datetime) -> bool:
        """Tell whether the key's time is over."""
        return self.expires_at is not None and self.expires_at <= now


def mint() -> str:
    """Return a new secret."""
    return PREFIX + secrets.token_urlsafe(SECRET_BYTES)


def digest(secret: str) -> str:
    """Return what is stored of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def bearer(header: str) -> str | None:
    """Return the secret of an `Authorization` header, or None where it holds none."""
    scheme, _, secret = header.partition(" ")
    return secret.strip() or None if scheme.lower() == "bearer" else None


def bound(scope: str, origins: Iterable[str]) -> list[str]:
    """Return the origins that a new key is bound to, sorted, as browsers write them.

    Raises `ValueError`, with a sentence, for what is no origin, for a `client` key without any, and for
    origins of any other key, since nothing would check them.
    """
    known = sorted({_origin(origin) for origin in origins})
    if scope == CLIENT and not known:
        msg = "A client key needs at least one origin, such as https://app.example.com."
        raise ValueError(msg)
    if scope != CLIENT and known:
        msg = "Only a client key can be bound to origins."
        raise ValueError(msg)
    if len(known) > MOST_ORIGINS:
        msg = f"A key can be bound to {MOST_ORIGINS} origins."
        raise ValueError(msg)
    return known


def _origin(text: str) -> str:
    match = _ORIGIN.fullmatch(text.strip().lower())
    if match is None:
        msg = f"{text!r} is no origin; write scheme, host and port alone, such as https://app.example.com."
        raise ValueError(msg)
    port = match["port"] or ""
    return f"{match['scheme']}://{match['host']}{'' if port == DEFAULT_PORTS[match['scheme']] else port}"
