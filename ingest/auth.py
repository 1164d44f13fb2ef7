"""API keys: what a secret looks like, what is kept of it, and what it allows."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

PREFIX = "fs_"
SECRET_BYTES = 32  # of randomness, so that one round of SHA-256 is enough
SHOWN = 11  # characters of a secret that people may see again


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """What the holder of a key may do."""

    key_id: int
    scope: str  # `write` or `read`.
    service: str  # Empty: any.
    environment: str  # Empty: any.
    expires_at: datetime | None

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
