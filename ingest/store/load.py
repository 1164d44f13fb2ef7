"""What correlation reads: a boot with the events that matter, and no more than it must."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain

from django.db.models import Q

from ingest.domain.clocks import SERVICE, Clocks, steps
from ingest.domain.contract import Contract
from ingest.domain.events import CHECK_KINDS, LIFECYCLE_KINDS, SOCKET_KINDS, TALLY_KINDS, Reported
from ingest.domain.sockets import key_of, placed
from ingest.domain.words import Role
from ingest.models import Boot, Event, Socket
from ingest.store import contracts, reporters
from ingest.wire.event import decode_event


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A stored event."""

    pk: int
    stray: bool  # Whether its batch named no boot.
    instance: str  # As named by a batch without a boot; empty: not named.
    reported: Reported


def named(row: Row) -> reporters.Named:
    """Return who reported it."""
    return str(row.reported.role), row.reported.reporter


@dataclass(kw_only=True, slots=True)
class SocketNews:
    """Sockets to attribute, each with all of its events."""

    started_at: datetime  # Of their boot: puts reports by wall clock on its axis.
    events: dict[str, dict[int, Reported]] = field(default_factory=dict)  # By key, then primary key.
    named: set[int] = field(default_factory=set)  # Events whose batch named the boot.
    placed: set[int] = field(default_factory=set)  # Events whose batch named the instance at least.
    joined: tuple[int, ...] = ()  # Rows of sockets without a boot that became part of these.
    strangers: set[reporters.Named] = field(default_factory=set)  # Who reported without a boot.
    offsets: dict[str, int] = field(default_factory=dict)  # Those one's clocks, in steps, as far as known.

    def add(self, rows: Iterable[Row]) -> None:
        """Add events under their sockets' keys."""
        for row in rows:
            reported = placed(row.reported, self.started_at) if row.stray else row.reported
            self.events.setdefault(key_of(reported), {})[row.pk] = reported
            if not row.stray:
                self.named.add(row.pk)
                continue
            self.strangers.add(named(row))
            if row.instance:
                self.placed.add(row.pk)

    def add_missing(self, pks: Iterable[int]) -> None:
        """Read and add those events that are not here yet."""
        known = set(chain.from_iterable(self.events.values()))
        missing = set(pks) - known
        if missing:
            self.add(events(pk__in=missing))

    def borrowed(self, key: str) -> bool:
        """Tell whether nobody who reported the socket named its boot."""
        return not self.named & self.events[key].keys()

    def guessed(self, key: str) -> bool:
        """Tell whether nobody named as much as its instance."""
        return self.borrowed(key) and not self.placed & self.events[key].keys()


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A boot to correlate. Ages in seconds since process start."""

    id: int
    ident: str
    environment_id: int
    service: str
    environment: str
    release: str
    instance: str
    contract: Contract
    person_contract: int | None  # The version of what people state that is part of it, by its key.
    started_at: datetime
    clock_offset: float | None  # s; our clock minus the service's, at most.
    offsets: dict[str, int]  # In steps, of those who report it from outside and of itself, by clock.
    strays: tuple[int, ...]  # In steps, the least and the greatest of those who reported without a boot.
    clock: int | None  # In steps, the service's offset that the last result rests on.
    last_age: float | None
    served_age: float | None
    promised: bool
    revision: int  # As seen: what is recorded holds for this one.
    correlated_revision: int
    digest: str  # Of the timeline recorded last.
    state: str
    lifecycle: tuple[Reported, ...]  # All phases and turns of its life, and the checks that are new.

    def age_at(self, now: datetime) -> float:
        """Return `now`, by our clock, as an age of this boot."""
        return (now - self.started_at).total_seconds() - (self.clock_offset or 0.0)

    def hearing(self, news: SocketNews) -> "Case":
        """Return the case with the clocks of those, too, who reported these sockets without a boot."""
        known = (*self.strays, *news.offsets.values())
        return replace(self, strays=(min(known), max(known)) if known else ())

    @property
    def clocks_apart(self) -> dict[str, int]:
        """Return the offsets, by clock, where one is further off than is assumed anyway; else none.

        So an estimate that gets better has only those sockets decided again that it can change.
        """
        strays = {f"~{n}": offset for n, offset in enumerate(self.strays)}
        known = Clocks(offsets=self.offsets | strays).beyond(self.contract.clock_uncertainty)
        return {clock: offset for clock, offset in known.items() if clock not in strays}


def case(pk: int) -> Case | None:
    """Return a boot with its lifecycle events, or None where nothing is to be done."""
    names = ("environment__service", "release", "instance", "contract")
    boot = Boot.objects.select_related(*names).get(pk=pk)
    if boot.revision == boot.correlated_revision:
        return None
    # The boot was read first: events stored since then belong to a later revision.
    lifecycle = _reported(pk, LIFECYCLE_KINDS, after=0, until=boot.revision)
    # A service may check itself for as long as it lives: checks are read once, when they are new.
    lifecycle |= _reported(pk, CHECK_KINDS, after=boot.correlated_revision, until=boot.revision)
    person = contracts.stated_in(boot.environment_id)
    return Case(
        id=pk,
        ident=boot.ident,
        environment_id=boot.environment_id,
        service=boot.environment.service.name,
        environment=boot.environment.name,
        release=boot.release.name,
        instance=boot.instance.name,
        contract=contracts.merged(person, boot.contract),
        person_contract=person.id if person else None,
        started_at=boot.started_at,
        clock_offset=boot.clock_offset,
        offsets=_offsets(boot),
        strays=tuple(offset for offset in (boot.clock_low, boot.clock_high) if offset is not None),
        clock=boot.clock,
        last_age=boot.last_age,
        served_age=boot.served_age,
        promised=boot.promised,
        revision=boot.revision,
        correlated_revision=boot.correlated_revision,
        digest=boot.timeline_digest,
        state=boot.state,
        lifecycle=tuple(lifecycle.values()),
    )


def _offsets(boot: Boot) -> dict[str, int]:
    own = {} if boot.clock_offset is None else {SERVICE: steps(boot.clock_offset)}
    return reporters.of_boot(boot.pk) | own


def tallies(boot: Case) -> tuple[Reported, ...]:
    """Return the tallies reported since the boot was correlated last."""
    return tuple(
        _reported(boot.id, TALLY_KINDS, after=boot.correlated_revision, until=boot.revision).values()
    )


def sockets(boot: Case, *, everything: bool) -> SocketNews:
    """Return the events of the boot's sockets, whole socket by whole socket.

    All sockets where `everything` is asked for, else those with news and those still unsettled.
    """
    after = 0 if everything else boot.correlated_revision
    news = SocketNews(started_at=boot.started_at)
    news.add(events(boot_id=boot.id, kind__in=SOCKET_KINDS, revision__gt=after, revision__lte=boot.revision))
    of_boot = Socket.objects.filter(boot_id=boot.id)
    known = of_boot if everything else of_boot.filter(Q(key__in=list(news.events)) | Q(settled=False))
    news.add_missing(chain.from_iterable(known.values_list("events", flat=True)))
    _join(boot, news)
    news.offsets = reporters.without_boot(boot.environment_id, news.strangers)
    return news


def clocks(boot: Case, news: SocketNews) -> Clocks:
    """Return what is known of the clocks of all who reported the boot or these sockets."""
    offsets = dict(news.offsets)
    for clock, offset in boot.offsets.items():
        offsets[clock] = min(offset, offsets.get(clock, offset))
    return Clocks(offsets=offsets)


def _join(boot: Case, news: SocketNews) -> None:
    """Take over what others reported of these sockets without knowing the boot."""
    ids = {key for key in news.events if not key.startswith("~")}
    strays = Socket.objects.filter(environment_id=boot.environment_id, socket__in=ids)
    inferred = strays.filter(Q(boot=None) | Q(borrowed=True)).exclude(boot_id=boot.id)
    rows = dict(inferred.values_list("pk", "events")) if ids else {}
    news.add_missing(chain.from_iterable(rows.values()))
    news.joined = tuple(rows)


def _reported(boot: int, kinds: Collection[str], *, after: int, until: int) -> dict[int, Reported]:
    rows = events(boot_id=boot, kind__in=kinds, revision__gt=after, revision__lte=until)
    return {row.pk: row.reported for row in rows}


def events(*conditions: Q, **chosen: object) -> list[Row]:
    """Return the stored events that a filter chooses."""
    rows = Event.objects.filter(*conditions, **chosen).values_list(
        "pk", "boot_id", "role", "reporter", "body", "instance"
    )
    return [
        Row(
            pk=pk,
            stray=boot is None,
            instance=instance,
            reported=Reported(role=Role(role), reporter=reporter, event=decode_event(body)),
        )
        for pk, boot, role, reporter, body, instance in rows
    ]
