"""One batch as bytes. Runs on the sender's thread, never in the host's."""

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from falsestart.boot import Boot, rfc3339
from falsestart.recorder import Event
from falsestart.version import __version__
from falsestart.wording import clean

FORMAT = 1
REPORTER = {"role": "service", "name": "falsestart-python", "version": __version__}
GZIP_LEVEL = 5  # beyond this the processor's time is worth more than the bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """What is posted; kept as bytes so that a retry is the same request to the last bit."""

    key: str
    """Idempotency key."""
    body: bytes
    """Gzipped JSON."""
    events: tuple[Event, ...]
    """What is in it, to split it when it is too large."""
    unfit: int
    """Events left out because they could not be written as JSON."""


def build(
    boot: Boot,
    resource: Mapping[str, Any],
    contract: Mapping[str, Any],
    events: Sequence[Event],
    *,
    now: datetime,
    age: float,
) -> Batch:
    """Encode `events` with the facts of their boot; `age` is the boot's at `now`, in seconds."""
    head = {
        "v": FORMAT,
        "reporter": REPORTER,
        "resource": {**resource, "process.pid": boot.pid},
        "boot": {
            "id": boot.id,
            "started_at": boot.started_at,
            "parent": boot.parent,
            "contract": contract or None,
        },
        "sent_at": rfc3339(now),
        "sent_age": round(age, 6),
    }
    return _batch(head, events, [_written(event) for event in events], boot.id)


def build_without_boot(
    reporter: str, resource: Mapping[str, Any], events: Sequence[Event], *, now: datetime
) -> Batch:
    """Encode events of a client, who knows no boot: each is known by `id` within its reporter's name."""
    head = {
        "v": FORMAT,
        "reporter": {"role": "client", "name": reporter, "version": __version__},
        "resource": resource,
        "sent_at": rfc3339(now),
    }
    named = [{"id": str(event["seq"]), **event} for event in events]
    lines = [_written({name: value for name, value in event.items() if name != "seq"}) for event in named]
    return _batch(head, events, lines, reporter)


def _batch(head: Mapping[str, Any], events: Sequence[Event], lines: list[str | None], name: str) -> Batch:
    written = [line for line in lines if line is not None]
    text = json.dumps(head, separators=(",", ":"))[:-1] + ',"events":[' + ",".join(written) + "]}"
    return Batch(
        key=f"{name}-{events[0]['seq']}-{len(events)}",
        body=gzip.compress(text.encode(), GZIP_LEVEL, mtime=0),
        events=tuple(events),
        unfit=len(events) - len(written),
    )


def _written(event: Event) -> str | None:
    try:
        return json.dumps(_fit(event), separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return None


def _fit(event: Event) -> dict[str, Any]:
    return {name: _value(value) for name, value in event.items() if value is not None}


def _value(value: object) -> object:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, list | tuple):
        return [_value(item) for item in value]
    return value
