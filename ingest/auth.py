"""API keys: what a secret looks like, what is kept of it, and what it allows."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

PREFIX = "fs_"
SECRET_BYTES = 32  # of randomness, so that one round of SHA-256 is enough
SHOWN = 11  # characters of a secret that people may see again
DEFAULT_PORTS = {"http": 80, "https": 443}  # which browsers leave out of an origin
LONGEST_ORIGIN = 300  # characters of one that an error repeats

_HOST = re.compile(r"[a-z0-9_.-]{1,253}|\[[0-9a-f:.]+\]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """What the holder of a key may do."""

    key_id: int
    scope: str  # `write`, `read` or `client`.
    service: str  # Empty: any.
    environment: str  # Empty: any.
    expires_at: datetime | None
    origins: tuple[str, ...] = ()  # Of pages that a `client` key may be sent from.

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


def origin(text: str) -> str:
    """Return an origin as browsers send it: in lower case, with a port only where it is not the usual one.

    Raises `ValueError` with a sentence for anything else. `http` passes: a page inside a company may have no
    certificate, and its key is no secret to whoever can read the page.
    """
    try:
        parts = urlsplit(text.strip())
        port, host = parts.port, _host(parts.hostname or "")
    except ValueError:
        raise _no_origin(text) from None
    known = parts.scheme in DEFAULT_PORTS and port != 0 and _HOST.fullmatch(host)
    if not known or "@" in parts.netloc or parts.path not in ("", "/") or "?" in text or "#" in text:
        raise _no_origin(text)
    return f"{parts.scheme}://{host}" + ("" if port in (None, DEFAULT_PORTS[parts.scheme]) else f":{port}")


def _no_origin(text: str) -> ValueError:
    return ValueError(f"{text[:LONGEST_ORIGIN]!r} is no origin such as https://app.example.com")


def _host(name: str) -> str:
    """Return a host as an origin has it: an address in brackets, a name in ASCII."""
    return f"[{name}]" if ":" in name else name.encode("idna").decode().lower()
