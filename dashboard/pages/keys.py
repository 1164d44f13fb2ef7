"""The keys page: which keys work, and what the holder of a new one does with it."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from dashboard.figures.numbers import plural
from dashboard.queries.keys import KeyRow
from ingest import auth

SOON = timedelta(days=14)  # before its end, in which a key is said to expire soon
STATES = {
    "active": ("circle-check", "ready"),
    "expires soon": ("clock-exclamation", "degraded"),
    "expired": ("clock-off", "stopped"),
    "revoked": ("ban", "stopped"),
}  # icon, and the state whose colour it has


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A key as a row of the page."""

    key: KeyRow
    state: str
    icon: str
    colour: str


def shown(key: KeyRow, now: datetime) -> Shown:
    """Return a key with its state in words."""
    state = state_of(key, now)
    icon, colour = STATES[state]
    return Shown(key=key, state=state, icon=icon, colour=colour)


def state_of(key: KeyRow, now: datetime) -> str:
    """Return `active`, `expires soon`, `expired` or `revoked`."""
    if key.revoked_at is not None:
        return "revoked"
    if key.expires_at is None or key.expires_at > now + SOON:
        return "active"
    return "expires soon" if key.expires_at > now else "expired"


def works(row: Shown) -> bool:
    """Tell whether a key opens anything."""
    return row.state in ("active", "expires soon")


def title_of(rows: Sequence[Shown]) -> str:
    """Return the page's answer in a sentence."""
    working = [row for row in rows if works(row)]
    soon = sum(row.state == "expires soon" for row in working)
    if not working:
        return "No key works" if rows else "No key has been made"
    said = f"{plural(len(working), 'key')} {'works' if len(working) == 1 else 'work'}"
    return f"{said}, {soon} {'expires' if soon == 1 else 'expire'} soon" if soon else said


@dataclass(frozen=True, kw_only=True, slots=True)
class Snippet:
    """Something to be pasted where the key is used."""

    name: str
    title: str
    text: str


def snippets(key: KeyRow, secret: str, address: str, now: datetime) -> list[Snippet]:
    """Return what the holder of a new key pastes: its settings, and a command that tries it."""
    variables = f"export FALSESTART_ENDPOINT={shlex.quote(address)}\nexport FALSESTART_KEY={secret}"
    trial = _trial(key, now)
    if key.scope != auth.CLIENT:
        use = Snippet(name="use", title="In the environment of whatever uses it", text=variables)
        return [use, Snippet(name="trial", title="Then try it", text=trial)]
    page = Snippet(name="use", title="In the page that opens the sockets", text=_page(key, secret, address))
    return [page, Snippet(name="trial", title="Or try it in a shell", text=f"{variables}\n{trial}")]


def _page(key: KeyRow, secret: str, address: str) -> str:
    names = {"service": key.service or "name-of-the-service", "environment": key.environment or "default"}
    said = {"endpoint": address, "key": secret, **names}
    lines = [f"  {name}: {msgspec.json.encode(value).decode()}," for name, value in said.items()]
    return "\n".join(['import { watch } from "./falsestart.js";', "const WebSocket = watch({", *lines, "});"])


def _trial(key: KeyRow, now: datetime) -> str:
    head = 'curl -i "$FALSESTART_ENDPOINT'
    bearer = '-H "Authorization: Bearer $FALSESTART_KEY"'
    if key.scope == "read":
        return f'{head}/api/v1/boots?limit=1" {bearer}'
    origin = [f"-H {shlex.quote(f'Origin: {key.origins[0]}')}"] if key.origins else []
    body = shlex.quote(msgspec.json.encode(_batch(key, now)).decode())
    words = [f'{head}/api/v1/batches"', bearer, *origin, '-H "Content-Type: application/json"', f"-d {body}"]
    return " \\\n  ".join(words)


def _batch(key: KeyRow, now: datetime) -> dict[str, object]:
    """Return the least that this key may send: a boot that was ready, or a socket that a page saw."""
    at = now.isoformat(timespec="seconds")
    resource = {
        "service.name": key.service or "try-out",
        "deployment.environment.name": key.environment or "default",
    }
    ident = f"by-hand-{now:%Y%m%d%H%M%S}"
    if key.scope == auth.CLIENT:
        ended = {
            "kind": "socket.ended",
            "id": ident,
            "at": at,
            "socket": ident,
            "code": 1000,
            "origin": "peer",
        }
        return {
            "v": 1, "reporter": {"role": "client", "name": "by-hand"}, "resource": resource,
            "sent_at": at, "events": [ended],
        }  # fmt: skip
    return {
        "v": 1, "reporter": {"role": "service", "name": "by-hand"}, "resource": resource,
        "boot": {"id": ident, "started_at": at}, "sent_at": at, "sent_age": 3.0,
        "events": [{"seq": 1, "age": 2.5, "kind": "boot.ready"}],
    }  # fmt: skip
