"""Who reports, and where to: arguments first, then the environment."""

import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from falsestart import platforms
from falsestart.contract import is_name
from falsestart.platforms import Named, Read, read_text
from falsestart.wording import clean, masked

BATCHES = "/api/v1/batches"
ATTRIBUTE_LIMIT = 64  # resource attributes sent at most
KEY = re.compile(r"[\x21-\x7e]{1,500}")

# Only what says where a process runs: a team may keep other things in OTEL_RESOURCE_ATTRIBUTES.
SENT_PREFIXES = ("service.", "deployment.", "cloud.", "host.", "k8s.", "container.", "faas.", "gcp.")


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
        return f"FALSESTART_ENDPOINT is no http(s) URL: {clean(masked(endpoint), 100)!r}"
    base = endpoint.rstrip("/")
    return Target(url=base if base.endswith(BATCHES) else base + BATCHES, key=key)


def find_resource(
    given: Mapping[str, str | None], environ: Mapping[str, str], read: Read = read_text
) -> dict[str, Any]:
    """OpenTelemetry resource attributes; `given` (by attribute name) wins over the environment."""
    return {name: value for name, (value, _) in trace_resource(given, environ, read).items()}


def trace_resource(given: Mapping[str, str | None], environ: Mapping[str, str], read: Read) -> Named:
    """Each attribute with where it came from: the later of these layers wins over the earlier ones."""
    layers = [
        {"host.name": (socket.gethostname(), "the host's name")},
        platforms.kubernetes(environ, read),
        platforms.cloud_run(environ),
        _otel(environ),
        {name: (value, "argument") for name, value in given.items() if value},
    ]
    known = {name: found for layer in layers for name, found in layer.items() if is_name(found[0])}
    merged = platforms.instance_of(known) | known
    kept = [name for name in merged if name.startswith(SENT_PREFIXES)]
    return {name: merged[name] for name in sorted(kept, key=_worth)[:ATTRIBUTE_LIMIT]}


def _otel(environ: Mapping[str, str]) -> Named:
    listed = otel_attributes(environ.get("OTEL_RESOURCE_ATTRIBUTES", ""))
    if former := listed.pop("deployment.environment", ""):
        listed.setdefault("deployment.environment.name", former)
    found = {name: (value, "OTEL_RESOURCE_ATTRIBUTES") for name, value in listed.items() if value}
    if name := environ.get("OTEL_SERVICE_NAME"):
        found["service.name"] = (name, "OTEL_SERVICE_NAME")
    return found


def _worth(name: str) -> int:
    """Where an attribute stands when there are too many: what the server reads comes first."""
    return next(n for n, prefix in enumerate(SENT_PREFIXES) if name.startswith(prefix))


def otel_attributes(text: str) -> dict[str, str]:
    """`key=value,key=value` with percent-encoded values; what does not fit that is left out."""
    pairs = (item.partition("=") for item in text.split(","))
    return {key.strip(): unquote(value.strip()) for key, equals, value in pairs if equals and key.strip()}


def _is_http(endpoint: str) -> bool:
    try:
        parts = urlsplit(endpoint)
        usable = parts.hostname is not None and (parts.port is None or parts.port > 0)
        # Nothing would send a name and a password that stand here.
        usable = usable and parts.username is None
    except ValueError:
        return False
    printable = endpoint.isascii() and endpoint.isprintable() and " " not in endpoint
    return usable and printable and parts.scheme in {"http", "https"} and not parts.query
