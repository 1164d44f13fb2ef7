"""Who reports, and where to: arguments first, then the environment."""

import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from falsestart.contract import is_name
from falsestart.wording import clean

BATCHES = "/api/v1/batches"
ATTRIBUTE_LIMIT = 64  # resource attributes sent at most
KEY = re.compile(r"[\x21-\x7e]{1,500}")

# Only what says where a process runs: a team may keep other things in OTEL_RESOURCE_ATTRIBUTES.
SENT_PREFIXES = ("service.", "deployment.", "cloud.", "host.", "k8s.", "container.", "faas.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Where batches go."""

    url: str
    """Absolute http or https URL of the batches endpoint."""
    key: str
    """The write key; never logged."""


def find_target(endpoint: str | None, key: str | None, environ: Mapping[str, str]) -> Target | str | None:
    """The target, or a sentence saying why there is none, or None when nobody asked for one."""
    endpoint = endpoint or environ.get("FALSESTART_ENDPOINT", "")
    key = key or environ.get("FALSESTART_KEY", "")
    if not endpoint:
        return None
    if not key:
        return "FALSESTART_ENDPOINT is set but FALSESTART_KEY is not"
    if not KEY.fullmatch(key):
        return "FALSESTART_KEY holds characters that cannot be in a header"
    if not _is_http(endpoint):
        return f"FALSESTART_ENDPOINT is no http(s) URL: {clean(endpoint, 100)!r}"
    base = endpoint.rstrip("/")
    return Target(url=base if base.endswith(BATCHES) else base + BATCHES, key=key)


def find_resource(given: Mapping[str, str | None], environ: Mapping[str, str]) -> dict[str, Any]:
    """OpenTelemetry resource attributes; `given` (by attribute name) wins over the environment."""
    attributes = {
        name: value
        for name, value in otel_attributes(environ.get("OTEL_RESOURCE_ATTRIBUTES", "")).items()
        if name.startswith(SENT_PREFIXES)
    }
    found: dict[str, str | None] = {
        "service.name": environ.get("OTEL_SERVICE_NAME")
        or attributes.get("service.name")
        or environ.get("K_SERVICE"),
        "service.version": attributes.get("service.version") or environ.get("K_REVISION"),
        "deployment.environment.name": attributes.get("deployment.environment.name")
        or attributes.get("deployment.environment"),
        "host.name": attributes.get("host.name") or socket.gethostname(),
    }
    asked = {name: value for name, value in given.items() if value}
    present = {name: value for name, value in found.items() if value}
    merged = dict(list(attributes.items())[:ATTRIBUTE_LIMIT]) | present | asked
    return {name: value for name, value in merged.items() if is_name(value)}


def otel_attributes(text: str) -> dict[str, str]:
    """`key=value,key=value` with percent-encoded values; what does not fit that is left out."""
    pairs = (item.partition("=") for item in text.split(","))
    return {key.strip(): unquote(value.strip()) for key, equals, value in pairs if equals and key.strip()}


def _is_http(endpoint: str) -> bool:
    try:
        parts = urlsplit(endpoint)
        usable = parts.hostname is not None and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    printable = endpoint.isascii() and endpoint.isprintable() and " " not in endpoint
    return usable and printable and parts.scheme in {"http", "https"} and not parts.query
