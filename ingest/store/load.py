"""What correlation reads: a boot with the events that matter, and no more than it must."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from ingest.domain.contract import Contract, Declared, effective
from ingest.domain.events import CHECK_KINDS, LIFECYCLE_KINDS, SOCKET_KINDS, TALLY_KINDS, Reported
from ingest.domain.sockets import key_of
from ingest.domain.words import Outcome, Role
from ingest.models import Boot, Event, Socket
from ingest.wire.native import decode_event

_declared = msgspec.json.Decoder(Declared)

SocketEvents = dict[str, dict[int, Reported]]  # by socket key, then by the event's primary key


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A boot to correlate. Ages in seconds since process start."""

    id: int
    ident: str
    environment_id: int
    service: str
    environment: str
    release: str
    contract: Contract
    started_at: datetime
    clock_offset: float  # s; our clock minus the reporter's, at most.
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
        return (now - self.started_at).total_seconds() - self.clock_offset


def case(pk: int) -> Case | None:
    """Return a boot with its lifecycle events, or None where nothing is to be done."""
    boot = Boot.objects.select_related("environment__service", "release", "contract").get(pk=pk)
    if boot.revision == boot.correlated_revision:
        return None
    # The boot was read first: events stored since then belong to a later revision.
    lifecycle = _reported(pk, LIFECYCLE_KINDS, after=0, until=boot.revision)
    # A service may check itself for as long as it lives: checks are read once, when they are new.
    lifecycle |= _reported(pk, CHECK_KINDS, after=boot.correlated_revision, until=boot.revision)
    return Case(
        id=pk,
        ident=boot.ident,
        environment_id=boot.environment_id,
        service=boot.environment.service.name,
        environment=boot.environment.name,
        release=boot.release.name,
        contract=effective(_declared.decode(boot.contract.body) if boot.contract else None),
        started_at=boot.started_at,
        clock_offset=boot.clock_offset or 0.0,
        last_age=boot.last_age,
        served_age=boot.served_age,
        promised=boot.promised,
        revision=boot.revision,
        correlated_revision=boot.correlated_revision,
        digest=boot.timeline_digest,
        state=boot.state,
        lifecycle=tuple(lifecycle.values()),
    )


def tallies(boot: Case) -> tuple[Reported, ...]:
    """Return the tallies reported since the boot was correlated last."""
    return tuple(
        _reported(boot.id, TALLY_KINDS, after=boot.correlated_revision, until=boot.revision).values()
    )


def sockets(boot: Case, *, everything: bool) -> SocketEvents:
    """Return the events of the boot's sockets, whole socket by whole socket.

    All sockets where `everything` is asked for, else those with news and those still unsettled.
    """
    after = 0 if everything else boot.correlated_revision
    events: SocketEvents = defaultdict(dict)
    for pk, reported in _reported(boot.id, SOCKET_KINDS, after=after, until=boot.revision).items():
        events[key_of(reported)][pk] = reported
    if not everything:
        _complete(boot, events)
    return events


def _complete(boot: Case, events: SocketEvents) -> None:
    """Add the older events of these sockets, and the sockets that wait for time to pass."""
    of_boot = Socket.objects.filter(boot_id=boot.id)
    known = dict(of_boot.filter(key__in=list(events)).values_list("key", "events"))
    known |= dict(of_boot.filter(settled=False).exclude(outcome=Outcome.OPEN).values_list("key", "events"))
    missing = {pk for key, pks in known.items() for pk in pks if pk not in events[key]}
    for pk, reported in _by_pk(missing).items():
        events[key_of(reported)][pk] = reported


def _reported(boot: int, kinds: Collection[str], *, after: int, until: int) -> dict[int, Reported]:
    rows = Event.objects.filter(boot_id=boot, kind__in=kinds, revision__gt=after, revision__lte=until)
    return _decoded(rows.values_list("pk", "role", "reporter", "body"))


def _by_pk(pks: Collection[int]) -> dict[int, Reported]:
    return _decoded(Event.objects.filter(pk__in=pks).values_list("pk", "role", "reporter", "body"))


def _decoded(rows: Iterable[tuple[int, str, str, str]]) -> dict[int, Reported]:
    return {
        pk: Reported(role=Role(role), reporter=reporter, event=decode_event(body))
        for pk, role, reporter, body in rows
    }
