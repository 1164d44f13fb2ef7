"""Sockets reported without a boot, as browsers must: joined by id, else by instance, else by time.

Every decision here can be taken back: a boot that arrives later, or that names the socket, wins.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import chain

from django.db import transaction
from django.db.models import F, Q

from ingest.domain.causes import attribute_without_boot, candidates_in
from ingest.domain.clocks import SERVICE, STEPS, Clocks, clock_of, steps
from ingest.domain.events import SOCKET_KINDS
from ingest.domain.sockets import key_of, merge
from ingest.domain.timeline import SILENCE
from ingest.domain.words import BootState, Outcome
from ingest.models import Boot, Environment, Socket
from ingest.store import contracts, reporters
from ingest.store.load import Row, events, named
from ingest.store.record import columns, next_mark

AT_ONCE = 1_000  # sockets of either kind, without a boot or lent to one, that look again, newest first
CANDIDATES = 1_000  # boots among which one is looked for, newest first
REACH = timedelta(hours=1)  # after a stray's end in which a boot may have started that its clock puts later


@dataclass(frozen=True, kw_only=True, slots=True)
class Life:
    """When a boot lived, by wall clock."""

    id: int
    ident: str
    instance: str
    started_at: datetime
    ended_at: datetime | None
    clock: int | None  # The service's offset, in steps.
    uncertainty: float  # s by which another host's clock may disagree with its own, at least.

    def overlaps(self, opened: datetime, ended: datetime, offsets: Mapping[str, int]) -> bool:
        """Tell whether it may have lived at some time between the two, told by clocks of these offsets."""
        own = {} if self.clock is None else {SERVICE: self.clock}
        clocks = Clocks(offsets={**offsets, **own})
        slack = timedelta(seconds=max(self.uncertainty, clocks.apart(clocks.offsets)))
        return self.started_at - slack <= ended and (self.ended_at is None or opened <= self.ended_at + slack)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stray:
    """A socket whose reporters named no boot."""

    key: str
    rows: tuple[Row, ...]
    opened: datetime
    ended: datetime
    offsets: Mapping[str, int]  # Of the clocks it was told by, in steps, as far as known.
    anew: bool  # Whether one of them is better known now.

    @property
    def pks(self) -> set[int]:
        """Return the primary keys of its events."""
        return {row.pk for row in self.rows}

    def among(self, lives: Iterable[Life]) -> list[Life]:
        """Return the boots that it may belong to: of its instance where one is named."""
        instances = {row.instance for row in self.rows if row.instance}
        return [
            life
            for life in lives
            if (not instances or life.instance in instances)
            and life.overlaps(self.opened, self.ended, self.offsets)
        ]


def settle(environment: int, now: datetime) -> Sequence[int]:
    """Give the environment's stray sockets to their boots where these can be told; return these boots."""
    with transaction.atomic():
        scope = Environment.objects.select_for_update(no_key=True).get(pk=environment)
        moved = reporters.moved(environment, scope.correlated_revision)
        strays = _strays(scope, moved)
        found, homeless = _sorted_out(environment, strays)
        keys = [stray.key for stray in strays]
        _keep(environment, keys, homeless)
        found = _take_back(environment, found, strays)
        for boot in sorted(found):
            _give(boot, environment, found[boot], now)
        Environment.objects.filter(pk=environment).update(correlated_revision=scope.revision, due_at=None)
    return sorted(found)


def _sorted_out(environment: int, strays: Sequence[Stray]) -> tuple[dict[int, list[Stray]], list[Socket]]:
    """Return the strays by the boot that each belongs to, and the rows of those that have none."""
    owners = _owners(environment, strays)
    lives = _lives(environment, strays)
    found: dict[int, list[Stray]] = {}
    homeless: list[Socket] = []
    for stray in strays:
        candidates = stray.among(lives)
        boot = owners.get(stray.key) or (candidates[0].id if len(candidates) == 1 else None)
        if boot is None:
            homeless.append(_homeless(environment, stray, [life.ident for life in candidates]))
        else:
            found.setdefault(boot, []).append(stray)
    return found, homeless


def _strays(scope: Environment, moved: Sequence[str]) -> list[Stray]:
    """Return the sockets with news and those without a boot of their own, each with all of its events.

    What a reporter told whose clock is better known now is news, too.
    """
    of_strays = {"environment_id": scope.pk, "boot": None, "kind__in": SOCKET_KINDS}
    news = Q(revision__gt=scope.correlated_revision) | Q(reporter__in=moved)
    rows = {row.pk: row for row in events(news, **of_strays)}
    keys = {key_of(row.reported) for row in rows.values()}
    known: list[list[int]] = []
    for kind in (Q(boot=None), Q(borrowed=True)):
        ours = Socket.objects.filter(kind, environment=scope)
        known += ours.filter(key__in=keys).values_list("events", flat=True)
        known += ours.order_by("-opened_at").values_list("events", flat=True)[:AT_ONCE]
    missing = set(chain.from_iterable(known)) - rows.keys()
    rows |= {row.pk: row for row in events(pk__in=missing)}
    by_key: dict[str, list[Row]] = {}
    for row in rows.values():
        by_key.setdefault(key_of(row.reported), []).append(row)
    told = {named(row) for row in rows.values()}
    offsets = reporters.without_boot(scope.pk, told)
    return [_stray(key, tuple(by_key[key]), offsets, moved) for key in sorted(by_key)]


def _stray(key: str, rows: tuple[Row, ...], offsets: Mapping[str, int], moved: Sequence[str]) -> Stray:
    stamps = [stamp for row in rows for stamp in _stamps(row)]
    clocks = {clock_of(*named(row)) for row in rows}
    return Stray(
        key=key,
        rows=rows,
        opened=min(stamps),
        ended=max(stamps),
        offsets={clock: offsets[clock] for clock in clocks if clock in offsets},
        anew=any(row.reported.reporter in moved for row in rows),
    )


def _stamps(row: Row) -> list[datetime]:
    names = ("at", "opened_at", "accepted_at", "ended_at")
    return [at for name in names if (at := getattr(row.reported.event, name, None)) is not None]


def _owners(environment: int, strays: Iterable[Stray]) -> dict[str, int]:
    """Return the boots of the sockets whose id the service reported too."""
    ids = [stray.key for stray in strays if not stray.key.startswith("~")]
    named = Socket.objects.filter(environment_id=environment, socket__in=ids, borrowed=False).exclude(
        boot=None
    )
    return {socket: boot for socket, boot in named.values_list("socket", "boot_id") if boot is not None}


def _lives(environment: int, strays: Sequence[Stray]) -> list[Life]:
    if not strays:
        return []
    latest = max(stray.ended + _most_apart(stray) for stray in strays) + REACH
    boots = Boot.objects.filter(environment_id=environment, started_at__lte=latest).order_by("-started_at")
    newest = boots.select_related("instance", "contract")[:CANDIDATES]
    person = contracts.stated_in(environment)
    # Many boots declare the same contract.
    uncertainty = cache(lambda declared: contracts.merged(person, declared).clock_uncertainty)
    return [
        Life(
            id=boot.pk,
            ident=boot.ident,
            instance=boot.instance.name,
            started_at=boot.started_at,
            ended_at=_end(boot),
            clock=None if boot.clock_offset is None else steps(boot.clock_offset),
            uncertainty=uncertainty(boot.contract),
        )
        for boot in newest
    ]


def _most_apart(stray: Stray) -> timedelta:
    return timedelta(seconds=max(map(abs, stray.offsets.values()), default=0) / STEPS)


def _end(boot: Boot) -> datetime | None:
    age = boot.ended_age
    if age is None and boot.state == BootState.SILENT:
        age = (boot.last_age or 0.0) + SILENCE
    return None if age is None else boot.started_at + timedelta(seconds=age)


def _homeless(environment: int, stray: Stray, candidates: Sequence[str]) -> Socket:
    facts = merge(stray.key, [row.reported for row in stray.rows])
    why = attribute_without_boot(facts, candidates)
    pks = sorted(row.pk for row in stray.rows)
    return Socket(environment_id=environment, opened_at=stray.opened, **columns(facts, why, pks))


def _keep(environment: int, keys: Sequence[str], homeless: Sequence[Socket]) -> None:
    """Keep the sockets without a boot; each new one is news for the boots that it may belong to."""
    ours = Socket.objects.filter(environment_id=environment, boot=None, key__in=keys)
    before = dict(ours.values_list("key", "events"))
    ours.delete()
    Socket.objects.bulk_create(homeless)
    told = {
        ident
        for socket in homeless
        if before.get(socket.key) != socket.events
        for ident in candidates_in(socket.evidence)
    }
    if told:
        boots = Boot.objects.filter(environment_id=environment, ident__in=told)
        boots.update(mark=next_mark(environment))


def _take_back(
    environment: int, found: dict[int, list[Stray]], strays: Sequence[Stray]
) -> dict[int, list[Stray]]:
    """Take sockets from boots that they turn out not to belong to; return those that have to be given."""
    belongs = {stray.key: boot for boot, owned in found.items() for stray in owned}
    keys = [stray.key for stray in strays]
    lent = Socket.objects.filter(environment_id=environment, borrowed=True, key__in=keys)
    told: dict[str, set[int]] = {}
    wrong: dict[int, int | None] = {}
    for pk, key, boot, known in lent.values_list("pk", "key", "boot_id", "events"):
        if belongs.get(key) == boot:
            told[key] = set(known)
        else:
            wrong[pk] = boot
    if wrong:
        Socket.objects.filter(pk__in=wrong).delete()
        Boot.objects.filter(pk__in=set(wrong.values())).update(mark=next_mark(environment))
    return {
        boot: news
        for boot, owned in found.items()
        if (news := [stray for stray in owned if stray.anew or not stray.pks <= told.get(stray.key, set())])
    }


def _give(boot: int, environment: int, strays: Iterable[Stray], now: datetime) -> None:
    """Leave the events with the boot's sockets, unsettled: its own correlation merges and judges them."""
    given = {stray.key: stray for stray in strays}
    there = {socket.key: socket for socket in Socket.objects.filter(boot_id=boot, key__in=list(given))}
    for key, socket in there.items():
        socket.events = sorted({*socket.events, *(row.pk for row in given[key].rows)})
        socket.settled = False
    Socket.objects.bulk_update(there.values(), ("events", "settled"))
    Socket.objects.bulk_create(
        Socket(
            boot_id=boot,
            environment_id=environment,
            key=key,
            opened_at=stray.opened,
            outcome=Outcome.OPEN,
            events=sorted(row.pk for row in stray.rows),
            borrowed=True,
        )
        for key, stray in given.items()
        if key not in there
    )
    Boot.objects.filter(pk=boot).update(revision=F("revision") + 1, due_at=now)
