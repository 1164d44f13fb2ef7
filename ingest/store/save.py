"""Storing batches: a group in one transaction, idempotent, and a promise once it returns."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any, cast

import msgspec
from django.db import InterfaceError, OperationalError, connection, transaction

from ingest.domain.events import happened, kind_of
from ingest.domain.words import Role
from ingest.models import Environment
from ingest.store import answers, boots, dialect, names, reporters
from ingest.store.incoming import Incoming, Stored
from ingest.store.reporters import Owner
from ingest.wire.batch import Answer, Item, Refused, Rejection

SEQ, IDENT = attrgetter("event.seq"), attrgetter("event.id")  # an event's identity with a boot, and without

Result = Stored | Exception


@dataclass(kw_only=True, slots=True)
class _Tried:
    """How one batch fares in its group."""

    incoming: Incoming
    boot: boots.BootRow | None
    environment_id: int
    revision: int  # Of its boot or environment, that its events come with.
    accepted: int = 0
    duplicates: int = 0
    conflicts: list[Rejection] = field(default_factory=list)

    @property
    def owner(self) -> Owner:
        return (self.boot.id if self.boot else None), self.environment_id

    def met(self) -> reporters.Met | None:
        """What the batch tells of a clock that is not the boot's own."""
        reporter, offset = self.incoming.batch.reporter, self.incoming.clock_offset
        if offset is None or (self.boot and reporter.role is Role.SERVICE):
            return None
        named = (reporter.role.value, reporter.name)
        return reporters.Met(owner=self.owner, named=named, clock_offset=offset, revision=self.revision)

    @property
    def identity(self) -> Callable[[Item], int | str]:
        return SEQ if self.boot else IDENT

    def answer(self) -> str:
        rejected = sorted((*self.incoming.batch.rejected, *self.conflicts), key=lambda r: r.index)
        answer = Answer(accepted=self.accepted, duplicates=self.duplicates, rejected=tuple(rejected))
        return msgspec.json.encode(answer).decode()


def save_group(group: Sequence[Incoming]) -> list[Result]:
    """Store a group durably in one transaction; where that fails, each batch in its own.

    So one bad batch cannot fail its neighbours. A result is an exception where its batch was not stored.
    """
    try:
        return list(_save_persistently(group))
    except (OperationalError, InterfaceError) as error:
        return [error for _ in group]
    except Exception as error:  # noqa: BLE001 - whatever one batch raises is that batch's answer
        if len(group) == 1:
            return [error]
    return [result for incoming in group for result in save_group([incoming])]


def _save_persistently(group: Sequence[Incoming]) -> list[Stored | Refused]:
    connected = connection.connection is not None
    try:
        return save(group)
    except (OperationalError, InterfaceError):
        connection.close()
        # A server that was restarted is reached by a new connection only; one that is away, by none.
        if not connected:
            raise
        return save(group)


def save(group: Sequence[Incoming]) -> list[Stored | Refused]:
    """Store a group in one transaction. Raises `DatabaseError`, and then nothing is stored."""
    with transaction.atomic():
        known = answers.given(group)
        results: dict[int, Stored | Refused] = {}
        seen: dict[tuple[int, str | None], int] = {}
        fresh: list[int] = []
        for index, incoming in enumerate(group):
            key = (incoming.key_id, incoming.idempotency_key)
            if (answered := known.get(cast("tuple[int, str]", key))) is not None:
                results[index] = _again(incoming, *answered)
            elif incoming.idempotency_key is None or key not in seen:
                # A key that comes twice in one group is answered below, from the first.
                seen[key] = index
                fresh.append(index)
        results |= dict(zip(fresh, _save_fresh([group[i] for i in fresh]), strict=True))
        for index, incoming in enumerate(group):
            if index not in results:
                first = seen[incoming.key_id, incoming.idempotency_key]
                results[index] = _repeat(incoming, group[first], results[first])
        return [results[index] for index in range(len(group))]


def _again(incoming: Incoming, digest: str, answer: str) -> Stored | Refused:
    if incoming.digest != digest:
        return Refused(422, "Idempotency key reused", "This `Idempotency-Key` came with another body before.")
    return Stored(answer=answer)


def _repeat(incoming: Incoming, first: Incoming, result: Stored | Refused) -> Stored | Refused:
    return _again(incoming, first.digest, result.answer) if isinstance(result, Stored) else result


def _save_fresh(group: Sequence[Incoming]) -> list[Stored | Refused]:
    if not group:
        return []
    scopes = names.environments({boots.scope_of(i.batch) for i in group})
    environments = _lock_environments(group, scopes)
    rows = boots.claim(group, scopes)
    tried = [_try(incoming, scopes, rows, environments) for incoming in group]
    accepted = [t for t in tried if isinstance(t, _Tried)]
    boots.restate(rows, [t.incoming for t in accepted if t.boot], scopes)
    _insert(accepted)
    moved = _meet(accepted)
    changed = set(boots.update(rows.values(), group[-1].received_at))
    touched = _touch_environments(accepted, moved, group[-1].received_at)
    answers.keep([(t.incoming, t.answer()) for t in accepted])
    return [t if isinstance(t, Refused) else _stored(t, changed, touched) for t in tried]


def _lock_environments(group: Sequence[Incoming], scopes: dict[names.Scope, int]) -> dict[int, int]:
    """Lock the environments of events without a boot, before any boot; return their revisions."""
    wanted = {scopes[boots.scope_of(i.batch)] for i in group if i.batch.boot is None}
    if not wanted:
        return {}
    rows = Environment.objects.filter(pk__in=wanted).order_by("pk").select_for_update(no_key=True)
    return dict(rows.values_list("pk", "revision"))


def _try(
    incoming: Incoming,
    scopes: dict[names.Scope, int],
    rows: dict[str, boots.BootRow],
    environments: dict[int, int],
) -> _Tried | Refused:
    environment_id = scopes[boots.scope_of(incoming.batch)]
    facts = incoming.batch.boot
    boot = rows[facts.id] if facts else None
    if boot and boot.environment_id != environment_id:
        detail = "This boot id belongs to another service or environment"
        return Refused(422, "Invalid batch", f"/boot/id: {detail}.", errors=(("/boot/id", detail),))
    revision = (boot.revision if boot else environments[environment_id]) + 1
    return _Tried(incoming=incoming, boot=boot, environment_id=environment_id, revision=revision)


def _insert(tried: Sequence[_Tried]) -> None:
    """Insert what is new; under one identity the first content wins, and another is a conflict."""
    stored = _stored_bodies(tried)
    rows: list[tuple[Any, ...]] = []
    for t in tried:
        role, reporter = t.incoming.batch.reporter.role, t.incoming.batch.reporter.name
        word, identity = role.value, t.identity
        bodies = stored[t.owner, word if t.boot else "", reporter]
        for item in t.incoming.batch.items:
            before = bodies.setdefault(identity(item), item.body)
            if before is not item.body:
                _turn_away(t, item, before)
                continue
            t.accepted += 1
            if t.boot:
                t.boot.note(item.event, role)
            rows.append(_row(t, item, word, reporter))
        if t.boot:
            t.boot.meet(t.incoming)
    if rows:
        dialect.insert_events(rows)


def _meet(tried: Iterable[_Tried]) -> set[int]:
    """Keep how far clocks outside the processes seem to be off; return the environments that concerns.

    The boots that it concerns are marked as changed.
    """
    moved = reporters.meet([met for t in tried if (met := t.met()) is not None])
    for t in tried:
        if t.boot and t.owner in moved:
            t.boot.changed = True
    return {environment for boot, environment in moved if boot is None}


def _turn_away(t: _Tried, item: Item, before: str) -> None:
    if before == item.body:
        t.duplicates += 1
        return
    pointer = f"/events/{item.index}/{'seq' if t.boot else 'id'}"
    detail = "conflict: another event was stored under this identity"
    t.conflicts.append(Rejection(index=item.index, pointer=pointer, detail=detail))


def _row(t: _Tried, item: Item, role: str, reporter: str) -> tuple[Any, ...]:
    event, boot = item.event, t.boot
    return (
        boot.id if boot else None,
        t.environment_id,
        role,
        reporter,
        event.seq if boot else None,
        None if boot else event.id,
        kind_of(event),
        happened(event),
        event.at,
        "" if boot else t.incoming.batch.resource.instance or "",
        t.revision,
        item.body,
        t.incoming.received_at,
    )


def _stored_bodies(tried: Iterable[_Tried]) -> dict[tuple[Owner, str, str], dict[int | str, str]]:
    """Return the bodies stored under the identities that these batches use, and perhaps some between.

    The owners are locked, so nobody can add one before this transaction ends.
    """
    wanted: dict[tuple[Owner, str, str], set[int | str]] = defaultdict(set)
    for t in tried:
        reporter = t.incoming.batch.reporter
        key = (t.owner, reporter.role.value if t.boot else "", reporter.name)
        wanted[key].update(map(t.identity, t.incoming.batch.items))
    return {key: _bodies(*key, sorted(identities)) for key, identities in wanted.items()}


def _bodies(owner: Owner, role: str, reporter: str, identities: Sequence[int | str]) -> dict[int | str, str]:
    if not identities:
        return {}
    boot, environment = owner
    if boot is not None:
        condition, values = dialect.among_numbers("seq", cast("Sequence[int]", identities))
        where = f"boot_id = %s AND role = %s AND reporter = %s AND {condition}"
        select, given = "seq", [boot, role, reporter, *values]
    else:
        condition, value = dialect.among(identities)
        where = f"boot_id IS NULL AND environment_id = %s AND reporter = %s AND ident {condition}"
        select, given = "ident", [environment, reporter, value]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {select}, body FROM ingest_event WHERE {where}", given)
        return dict(cursor.fetchall())


def _touch_environments(tried: Iterable[_Tried], moved: set[int], now: datetime) -> set[int]:
    touched = moved | {t.environment_id for t in tried if t.boot is None and t.accepted}
    for environment in Environment.objects.filter(pk__in=touched).order_by("pk") if touched else ():
        environment.revision += 1
        environment.due_at = now
        environment.save(update_fields=("revision", "due_at"))
    return touched


def _stored(t: _Tried, changed: set[int], touched: set[int]) -> Stored:
    return Stored(
        answer=t.answer(),
        boots=(t.boot.id,) if t.boot and t.boot.id in changed else (),
        environments=(t.environment_id,) if t.environment_id in touched else (),
    )
