"""Whether reporting works from here, step by step, and what to do where it does not."""

import gzip
import json
import socket
import ssl
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from importlib import metadata
from typing import Any
from urllib.parse import urlsplit

from falsestart.boot import rfc3339
from falsestart.envelope import FORMAT, REPORTER
from falsestart.platforms import Named, read_text
from falsestart.resource import Target, find_target, trace_resource
from falsestart.transport import Response, exchange, problem_of
from falsestart.wording import masked

CONNECT_TIMEOUT = 5.0  # seconds
CLOCKS_AGREE = 2.0  # seconds; the Date header itself is known to a second
SERVERS = ("uvicorn", "gunicorn", "hypercorn", "daphne", "granian")
GUNICORN_HOOKS = "under gunicorn add `-c python:falsestart.gunicorn`, which knows when the port was opened"
PORTS = {"http": 80, "https": 443}
SHOWN_OF_KEY = 6  # characters; of a shorter key than twice that, none

MAKE_A_KEY = "make one on the server with `manage.py create_key --scope write`, and set FALSESTART_KEY to it"
SET_ENDPOINT = (
    "set FALSESTART_ENDPOINT to the address of your Falsestart, like https://falsestart.example.com"
)
SET_SERVICE = "set OTEL_SERVICE_NAME, or give Probe(...) a name"

# What an answer other than 202 means, and what to do.
ANSWERS = {
    401: ("the server does not know this key, or it is expired or revoked", MAKE_A_KEY),
    403: ("the key is known but may not write this", "use a write key for this service and environment"),
    404: ("there is no Falsestart at this address", SET_ENDPOINT),
    405: ("there is no Falsestart at this address", SET_ENDPOINT),
    407: ("a proxy on the way wants credentials", "put them into HTTPS_PROXY or HTTP_PROXY"),
    413: ("something on the way refuses even a small body", "raise the body limit of the proxy to 10 MB"),
    415: ("the server does not read gzipped JSON", "update the server, or the proxy that changes requests"),
    422: ("the server does not accept what is said of the service", "correct the setting that it names"),
    429: ("the server has more to store than it can", "nothing: the probe waits and tries again"),
    503: ("the server cannot reach its database", "see the server's log; the probe tries again meanwhile"),
}
REDIRECTED = "set FALSESTART_ENDPOINT to where it is: the probe follows no redirect, since it carries the key"
LATER = "see the log of the server and of the proxy before it; the probe tries again meanwhile"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One thing that was looked at."""

    name: str
    ok: bool | None
    """None for what is only worth knowing."""
    said: str
    remedy: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """Everything that was looked at, in order."""

    steps: tuple[Step, ...]
    resource: Named

    @property
    def works(self) -> bool:
        """Whether what the probe reports would be accepted."""
        return all(step.ok is not False for step in self.steps)


def diagnose(given: Mapping[str, str | None], endpoint: str | None, environ: Mapping[str, str]) -> Report:
    """Look at settings, resource, network and server as a probe with these arguments would find them."""
    resource = trace_resource(given, environ, read_text)
    return Report(steps=tuple(_steps(resource, endpoint, environ)), resource=resource)


def _steps(resource: Named, endpoint: str | None, environ: Mapping[str, str]) -> Iterator[Step]:
    target, steps = settings(endpoint, environ)
    named = who(resource)
    yield from (*steps, named, servers())
    if target is None:
        return
    for step in route(target.url):
        yield step
        if step.ok is False:
            return
    if named.ok:
        yield from delivery(target, resource)


def settings(endpoint: str | None, environ: Mapping[str, str]) -> tuple[Target | None, list[Step]]:
    """Where batches would go, and by what key."""
    source = "argument" if endpoint else "FALSESTART_ENDPOINT"
    target = find_target(endpoint, None, environ)
    if target is None:
        said = "FALSESTART_ENDPOINT is not set: the probe is off and reports nothing"
        return None, [Step(name="endpoint", ok=False, said=said, remedy=SET_ENDPOINT)]
    if isinstance(target, str):
        about_key = "FALSESTART_KEY" in target
        name, remedy = ("key", MAKE_A_KEY) if about_key else ("endpoint", SET_ENDPOINT)
        return None, [Step(name=name, ok=False, said=target, remedy=remedy)]
    return target, [
        Step(name="endpoint", ok=True, said=f"{masked(target.url)} (from {source})"),
        Step(name="key", ok=True, said=f"{shown(target.key)} (from FALSESTART_KEY)"),
    ]


def shown(key: str) -> str:
    """A key so that its owner knows it again, and nobody else learns it."""
    start = key[:SHOWN_OF_KEY] if len(key) >= 2 * SHOWN_OF_KEY else ""
    return f"{start}… of {len(key)} characters"


def who(resource: Named) -> Step:
    """As whom the service would report."""
    if "service.name" not in resource:
        return Step(name="service", ok=False, said="the service has no name", remedy=SET_SERVICE)
    defaults: Named = {
        "service.version": ("unknown", "default"),
        "deployment.environment.name": ("default", "default"),
        "service.instance.id": ("the boot's own id", "default"),
    }
    found = defaults | resource
    names = ("service.name", "service.version", "deployment.environment.name", "service.instance.id")
    words = ("service", "release", "environment", "instance")
    pairs = [(word, *found[name]) for word, name in zip(words, names, strict=True)]
    said = "; ".join(f"{word} {value} (from {source})" for word, value, source in pairs)
    return Step(name="service", ok=True, said=said.replace("(from default)", "(by default)"))


def servers() -> Step:
    """The ASGI servers that are installed beside the probe."""
    found = [f"{name} {version}" for name in SERVERS if (version := _version(name))]
    if not found:
        return Step(name="server", ok=None, said="no ASGI server that the probe knows is installed here")
    remedy = GUNICORN_HOOKS if any(each.startswith("gunicorn") for each in found) else ""
    return Step(name="server", ok=None, said=f"installed here: {', '.join(found)}", remedy=remedy)


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def route(url: str) -> Iterator[Step]:
    """The way to the server: proxy, name, port, certificate. Ends with the first step that fails."""
    parts = urlsplit(url)
    proxy = proxy_of(parts.scheme, parts.netloc)
    if proxy is not None:
        variable = f"{parts.scheme.upper()}_PROXY"
        said = f"requests go through {masked(proxy)} (from {variable}; NO_PROXY excludes hosts)"
        yield Step(name="proxy", ok=None, said=said)
        parts = urlsplit(proxy if "//" in proxy else f"//{proxy}", scheme="http")
    host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 80)
    setting = "FALSESTART_ENDPOINT" if proxy is None else "the proxy's variable"
    addresses = _resolved(host, port)
    if isinstance(addresses, OSError):
        remedy = f"correct the host in {setting}, or the DNS of this host or container"
        yield Step(name="dns", ok=False, said=f"{host} is no known name: {addresses}", remedy=remedy)
        return
    yield Step(name="dns", ok=True, said=f"{host} is {', '.join(addresses)}")
    yield from _connected(host, port, setting, tls=parts.scheme == "https")


def proxy_of(scheme: str, netloc: str) -> str | None:
    """The proxy that a request to this place would go through."""
    proxy = urllib.request.getproxies().get(scheme)
    return None if proxy is None or urllib.request.proxy_bypass(netloc) else proxy


def _resolved(host: str, port: int) -> list[str] | OSError:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        return error
    except UnicodeError as error:
        return OSError(str(error))
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _connected(host: str, port: int, setting: str, *, tls: bool) -> Iterator[Step]:
    try:
        with socket.create_connection((host, port), CONNECT_TIMEOUT) as connection:
            yield Step(name="tcp", ok=True, said=f"port {port} is open")
            if tls:
                yield _handshake(connection, host)
    except OSError as error:
        remedy = f"correct the port in {setting}, or let this host reach it (firewall, network policy)"
        yield Step(name="tcp", ok=False, said=f"cannot connect to {host}:{port}: {error}", remedy=remedy)


def _handshake(connection: socket.socket, host: str) -> Step:
    try:
        with ssl.create_default_context().wrap_socket(connection, server_hostname=host) as secured:
            return Step(name="tls", ok=True, said=f"{secured.version()}, the certificate is trusted")
    except ssl.SSLCertVerificationError as error:
        remedy = "install the authority's certificate here, or name it in SSL_CERT_FILE"
        said = f"the certificate is not trusted: {error.verify_message}"
        return Step(name="tls", ok=False, said=said, remedy=remedy)
    except OSError as error:
        remedy = "if the server speaks plain HTTP, begin FALSESTART_ENDPOINT with http://"
        return Step(name="tls", ok=False, said=f"no TLS on this port: {error}", remedy=remedy)


def delivery(target: Target, resource: Named) -> Iterator[Step]:
    """What the server says to a batch without events."""
    before = datetime.now(UTC)
    try:
        response = exchange(target, empty_batch(resource, before))
    except (OSError, HTTPException) as error:
        said = f"no answer to a batch: {type(error).__name__}: {masked(str(error))}"
        yield Step(name="answer", ok=False, said=said, remedy=LATER)
        return
    yield verdict(response)
    yield clock(response.headers.get("Date"), before, datetime.now(UTC))


def empty_batch(resource: Named, now: datetime) -> bytes:
    """A batch that stores no event; without a boot, so that none appears."""
    batch: dict[str, Any] = {
        "v": FORMAT,
        "reporter": REPORTER,
        "resource": {name: value for name, (value, _) in resource.items()},
        "sent_at": rfc3339(now),
        "events": [],
    }
    return gzip.compress(json.dumps(batch).encode())


def verdict(response: Response) -> Step:
    """What the answer to the empty batch means."""
    status = response.status
    if 200 <= status < 300:
        return _accepted(response)
    location = response.headers.get("Location")
    if 300 <= status < 400:
        said = f"HTTP {status}: the server is elsewhere: {masked(location or 'it does not say where')}"
        return Step(name="answer", ok=False, said=said, remedy=REDIRECTED)
    meaning, remedy = ANSWERS.get(status, ("the server, or a proxy before it, failed", LATER))
    detail = problem_of(response.body)
    said = f"HTTP {status}: {meaning}" + (f". It says: {detail}" if detail else "")
    return Step(name="answer", ok=False, said=said, remedy=remedy)


def _accepted(response: Response) -> Step:
    try:
        ours = "rejected" in json.loads(response.body)
    except (ValueError, TypeError):
        ours = False
    if ours:
        return Step(
            name="answer", ok=True, said=f"HTTP {response.status}: the key may write for this service"
        )
    said = f"HTTP {response.status}, but not by Falsestart: something else answers at this address"
    return Step(name="answer", ok=False, said=said, remedy=SET_ENDPOINT)


def clock(date: str | None, before: datetime, after: datetime) -> Step:
    """How far this host's clock is from the server's, from its Date header."""
    try:
        # The header is cut to the second: the moment was half a second later on average.
        there = parsedate_to_datetime(date or "") + timedelta(seconds=0.5)
        apart = (there - (before + (after - before) / 2)).total_seconds()
    except (ValueError, TypeError):
        return Step(name="clock", ok=None, said="the server sends no date to compare clocks by")
    if abs(apart) <= CLOCKS_AGREE:
        return Step(name="clock", ok=True, said=f"agrees with the server's within {CLOCKS_AGREE:g} s")
    said = f"{abs(apart):.1f} s {'behind' if apart > 0 else 'ahead of'} the server's"
    remedy = "set the clock by NTP: what browsers report is joined by wall time, and doubtful by as much"
    return Step(name="clock", ok=None, said=said, remedy=remedy)
