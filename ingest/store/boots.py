"""A group's boots: found or made, locked, and kept up to date with what their batches say of them."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

import msgspec

from ingest.domain.events import (
    Alive,
    AnyEvent,
    BootFacts,
    RequestFailed,
    SocketEnded,
    SocketOpened,
    SocketRejected,
    happened,
)
from ingest.domain.sockets import PRECEDENCE
from ingest.domain.words import Role
from ingest.models import Boot
from ingest.store import contracts, dialect, names
from ingest.store.incoming import Incoming
from ingest.wire.batch import Batch

AGE_SHIFT = 1e9  # s; makes every allowed `sent_age` positive, so that its digits sort
DIGEST = 32  # characters, of what a batch says of its boot


@dataclass(kw_only=True, slots=True)
class BootRow:
    """A locked boot, as far as a batch can change it. Times as in `models.Boot`."""

    id: int
    ident: str
    environment_id: int
    release_id: int
    instance_id: int
    contract_id: int | None
    parent: str
    region: str
    pid: int | None
    started_at: datetime
    facts_order: str
    last_age: float | None
    served_age: float | None
    promised: bool
    clock_offset: float | None
    last_seen_at: datetime
    revision: int
    due_at: datetime | None = None
    changed: bool = field(default=False)

    def note(self, event: AnyEvent, role: Role) -> None:
        """Keep the extremes that correlation needs without reading every event of a long life."""
        age = happened(event)
        if age is not None:
            self.last_age = age if self.last_age is None else max(self.last_age, age)
        if role is Role.SERVICE and (served := _served(event)) is not None:
            self.served_age = served if self.served_age is None else min(self.served_age, served)
        self.promised = self.promised or isinstance(event, Alive)
        self.changed = True

    def meet(self, incoming: Incoming) -> None:
        """Keep the best estimate of the service's clock against ours, also from what brings nothing else.

        Each receipt counts, or it would matter which of two that bring the same events came first.
        """
        offset = incoming.clock_offset
        better = offset is not None and (self.clock_offset is None or offset < self.clock_offset)
        if better and incoming.batch.reporter.role is Role.SERVICE:
            self.clock_offset, self.changed = offset, True
        if self.changed:
            self.last_seen_at = max(self.last_seen_at, incoming.received_at)


_COLUMNS = tuple(f.name for f in fields(BootRow) if f.name not in ("due_at", "changed"))
_UPDATED = tuple(
    f.name for f in fields(BootRow) if f.name not in ("id", "ident", "environment_id", "changed")
)


# A tuple, once: `A | B` in the hot path would make a new type for every event.
_SERVED = (SocketOpened, SocketEnded, SocketRejected, RequestFailed)


def _served(event: AnyEvent) -> float | None:
    if isinstance(event, _SERVED):
        return event.opened_age if event.opened_age is not None else event.age
    return None


def claim(group: Sequence[Incoming], scopes: dict[names.Scope, int]) -> dict[str, BootRow]:
    """Return the group's boots by their reporters' ids, locked; those that are new are made."""
    idents = sorted({facts.id for i in group if (facts := i.batch.boot)})
    rows = _lock(idents)
    missing = [ident for ident in idents if ident not in rows]
    if missing:
        _make(missing, group, scopes)
        rows |= _lock(missing)
        for ident in missing:
            # Also a boot of which nothing is told yet may be the one that a socket without a boot waits for.
            rows[ident].changed = True
    return rows


def _lock(idents: Sequence[str]) -> dict[str, BootRow]:
    # In the order of their ids, or two writers with the same two boots wait for each other for ever.
    rows = (
        Boot.objects.filter(ident__in=idents)
        .order_by("ident")
        .select_for_update(no_key=True)
        .values(*_COLUMNS)
    )
    return {row["ident"]: BootRow(**row) for row in rows}


def _make(idents: Sequence[str], group: Sequence[Incoming], scopes: dict[names.Scope, int]) -> None:
    first: dict[str, Incoming] = {}
    for incoming in group:
        if incoming.batch.boot is not None:
            first.setdefault(incoming.batch.boot.id, incoming)
    chosen = [first[ident] for ident in idents]
    facts = _facts(chosen, scopes)
    rows = [
        Boot(
            ident=ident,
            environment_id=scopes[scope_of(incoming.batch)],
            first_seen_at=incoming.received_at,
            last_seen_at=incoming.received_at,
            **stated,
        )
        for ident, incoming, stated in zip(idents, chosen, facts, strict=True)
    ]
    Boot.objects.bulk_create(rows, ignore_conflicts=True)


def scope_of(batch: Batch) -> names.Scope:
    """Return the service and environment that a batch names."""
    return batch.resource.service, batch.resource.environment


def restate(rows: dict[str, BootRow], group: Iterable[Incoming], scopes: dict[names.Scope, int]) -> None:
    """Take each boot's facts of its batch with the greatest `sent_age`, the service's before all others.

    Ties are broken by content, never by arrival.
    """
    told = []
    for incoming, order in _latest(rows, group):
        row = rows[_boot(incoming.batch).id]
        row.changed = True
        if row.facts_order.endswith(order[-DIGEST:]):
            # The same statement, only later: none of its names has to be looked up again.
            row.facts_order, row.started_at = order, _started_at(incoming)
        else:
            told.append(incoming)
    for incoming, stated in zip(told, _facts(told, scopes), strict=True):
        for name, value in stated.items():
            setattr(rows[_boot(incoming.batch).id], name, value)


def _latest(rows: dict[str, BootRow], group: Iterable[Incoming]) -> list[tuple[Incoming, str]]:
    """Return each boot's last statement and its order, where that is later than what the row holds."""
    latest: dict[str, tuple[Incoming, str]] = {}
    for incoming in group:
        ident, order = _boot(incoming.batch).id, facts_order(incoming.batch)
        if order > (latest[ident][1] if ident in latest else rows[ident].facts_order):
            latest[ident] = incoming, order
    return list(latest.values())


def facts_order(batch: Batch) -> str:
    """Return a text that sorts batches by who sent them, then by `sent_age`, then by what they say.

    Whoever is nearer to the application knows better what it is: a gateway that tells of an exit, late and
    without a contract, takes nothing back that the service said.
    """
    said = msgspec.json.encode((batch.resource, batch.boot), order="deterministic")
    digest = hashlib.sha256(said).hexdigest()[:DIGEST]
    nearness = len(PRECEDENCE) - PRECEDENCE[batch.reporter.role]
    when = "" if batch.sent_age is None else f"~{batch.sent_age + AGE_SHIFT:022.9f}:"
    return f"{nearness}{when}{_implied_start(batch)}{digest}"


def _implied_start(batch: Batch) -> str:
    # Where the start follows from when it was sent, the same statement sent again states another one.
    if batch.sent_at is None or _boot(batch).started_at is not None:
        return ""
    return f"{batch.sent_at.timestamp():017.6f}:"


def _facts(group: Sequence[Incoming], scopes: dict[names.Scope, int]) -> list[dict[str, Any]]:
    """Return what each batch says of its boot, as columns."""
    if not group:
        return []
    environment = [scopes[scope_of(i.batch)] for i in group]
    booted = list(zip(environment, group, strict=True))
    releases = names.releases({(e, i.batch.resource.release) for e, i in booted})
    instances = names.instances({(e, _instance(i.batch)) for e, i in booted})
    declared = [(e, c) for e, i in booted if i.batch.boot and (c := i.batch.boot.contract) is not None]
    versions = contracts.declare(declared) if declared else {}
    return [
        {
            "release_id": releases[e, i.batch.resource.release],
            "instance_id": instances[e, _instance(i.batch)],
            "contract_id": _contract(e, i.batch, versions),
            "parent": _boot(i.batch).parent or "",
            "region": i.batch.resource.region or "",
            "pid": i.batch.resource.pid,
            "started_at": _started_at(i),
            "facts_order": facts_order(i.batch),
        }
        for e, i in booted
    ]


def _boot(batch: Batch) -> BootFacts:
    assert batch.boot is not None  # noqa: S101 - only batches with a boot come here
    return batch.boot


def _instance(batch: Batch) -> str:
    return batch.resource.instance or _boot(batch).id


def _contract(environment: int, batch: Batch, versions: dict[tuple[int, str], int]) -> int | None:
    declared = _boot(batch).contract
    return versions[environment, contracts.digest(declared)] if declared is not None else None


def _started_at(incoming: Incoming) -> datetime:
    """Return the process's start by wall clock: as stated, or computed from when the batch was sent."""
    batch = incoming.batch
    if (started := _boot(batch).started_at) is not None:
        return started
    return (batch.sent_at or incoming.received_at) - timedelta(seconds=batch.sent_age or 0.0)


def update(rows: Iterable[BootRow], now: datetime) -> list[int]:
    """Write back the rows that changed, each a revision further and due now; return their ids."""
    changed = sorted((row for row in rows if row.changed), key=lambda row: row.ident)
    for row in changed:
        row.revision += 1
        row.due_at = now
    dialect.update_rows("ingest_boot", _UPDATED, [(row.id, _values(row)) for row in changed])
    return [row.id for row in changed]


def _values(row: BootRow) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in _UPDATED)
