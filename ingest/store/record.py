"""Recording what correlation found: conditionally, so that no older result overwrites a newer one."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import F

from ingest.domain.causes import Attribution
from ingest.domain.clocks import SERVICE
from ingest.domain.events import Reported, SocketsEnded, SocketsOpened, kind_of
from ingest.domain.sockets import SocketFacts
from ingest.domain.timeline import CheckResult, Run, Timeline
from ingest.domain.words import BootState, Outcome
from ingest.models import Boot, Check, Environment, Phase, Socket, Tally
from ingest.store.load import Case, SocketNews

ROWS = 500  # of one insert statement
# What attribution does not rest on: time that passes, and what only the boot's own page shows.
_ASIDE = {"horizon", "next_look", "checks", "state", "exposure"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What correlation made of a case."""

    timeline: Timeline
    digest: str
    sockets: Sequence[tuple[SocketFacts, Attribution]]
    tallies: Sequence[Reported]


def digest(case: Case, timeline: Timeline) -> str:
    """Return the digest of all that the attribution of a boot's sockets rests on, sockets aside."""
    facts = {f.name: getattr(timeline, f.name) for f in fields(timeline) if f.name not in _ASIDE}
    silent = timeline.state is BootState.SILENT
    # For strays: a boot that is silent is taken to have ended when it was last heard.
    last_heard = timeline.horizon if silent else None
    placed = (case.started_at, case.instance, silent, last_heard)
    said = msgspec.json.encode((facts, placed, case.clocks_apart), order="deterministic")
    return hashlib.sha256(said).hexdigest()


def boot(case: Case, found: Found, news: SocketNews) -> int | None:
    """Record what was found of a boot; return the environment's new mark.

    None where nothing that anybody can see changed, or where a newer result was there before.
    """
    with transaction.atomic():
        changed = _changes(case, found)
        # The environment is locked before the boot, as in `save`, or the two could deadlock.
        mark = next_mark(case.environment_id) if changed else None
        if not _claim(case, found, mark):
            transaction.set_rollback(True)
            return None
        _phases(case, found)
        _checks(case.id, found.timeline.checks)
        _tallies(case.id, found.tallies)
        _sockets(case, found.sockets, news)
        _call_strays(case, found)
    return mark


def _changes(case: Case, found: Found) -> bool:
    moved = case.digest != found.digest or case.state != found.timeline.state
    return bool(moved or found.timeline.checks or found.sockets or found.tallies)


def next_mark(environment: int) -> int:
    """Move the environment's mark on and return it."""
    rows = Environment.objects.filter(pk=environment)
    rows.update(mark=F("mark") + 1)
    return rows.values_list("mark", flat=True).get()


def _claim(case: Case, found: Found, mark: int | None) -> bool:
    """Write the boot's own row, unless a result for this revision or a later one is there already."""
    columns = _columns(found) | _rested_on(case) | ({"mark": mark} if mark is not None else {})
    rows = Boot.objects.filter(pk=case.id, correlated_revision__lt=case.revision)
    if not rows.update(correlated_revision=case.revision, **columns):
        return False
    # Only where nothing arrived meanwhile: what did is still due.
    Boot.objects.filter(pk=case.id, revision=case.revision).update(due_at=_next_due(case, found.timeline))
    return True


def _next_due(case: Case, timeline: Timeline) -> datetime | None:
    if timeline.next_look is None:
        return None
    return case.started_at + timedelta(seconds=timeline.next_look + (case.clock_offset or 0.0))


def _rested_on(case: Case) -> dict[str, Any]:
    """Return what the result rests on beside the boot's own events."""
    return {
        "person_contract": case.person_contract,
        "clock": case.offsets.get(SERVICE),
        "clock_low": min(case.strays, default=None),
        "clock_high": max(case.strays, default=None),
    }


def _columns(found: Found) -> dict[str, Any]:
    timeline = found.timeline
    exited = timeline.exit
    exposed_from, exposed_to = timeline.exposure or (None, None)
    return {
        "state": timeline.state,
        "observed": timeline.observed,
        "listening_age": timeline.listening_age,
        "ready_age": timeline.ready_age,
        "claimed_ready_age": timeline.claimed_ready_age,
        "draining_age": timeline.draining_age,
        "ended_age": timeline.ended_age,
        "exit_code": exited.code if exited else None,
        "exit_signal": exited.signal if exited else None,
        "exit_by": (exited.by if exited else None) or "",
        "exposed_from": exposed_from,
        "exposed_to": exposed_to,
        "timeline_digest": found.digest,
    }


def _phases(case: Case, found: Found) -> None:
    if case.digest == found.digest:
        return
    Phase.objects.filter(boot_id=case.id).delete()
    Phase.objects.bulk_create((_phase(case.id, run) for run in found.timeline.runs), batch_size=ROWS)


def _phase(boot_id: int, run: Run) -> Phase:
    return Phase(
        boot_id=boot_id,
        name=run.name,
        run=run.run,
        order=run.order,
        parent=run.parent or "",
        status=run.status,
        kind=run.kind,
        required=run.required,
        started_age=run.started_age,
        ended_age=run.ended_age,
        error=run.error or "",
    )


def _checks(boot_id: int, checks: Iterable[CheckResult]) -> None:
    rows = [
        Check(
            boot_id=boot_id,
            ref=check.ref,
            name=check.name,
            ok=check.ok,
            waited=check.waited,
            budget=check.budget,
            age=check.age,
            phase=check.phase or "",
        )
        for check in checks
    ]
    Check.objects.bulk_create(rows, batch_size=ROWS, ignore_conflicts=True)


def _tallies(boot_id: int, tallies: Iterable[Reported]) -> None:
    rows = [_tally(boot_id, reported) for reported in tallies]
    Tally.objects.bulk_create(rows, batch_size=ROWS, ignore_conflicts=True)


def _tally(boot_id: int, reported: Reported) -> Tally:
    event = reported.event
    assert isinstance(event, SocketsOpened | SocketsEnded)  # noqa: S101 - what `load.tallies` reads
    ended = event if isinstance(event, SocketsEnded) else None
    return Tally(
        boot_id=boot_id,
        ref=reported.ref,
        kind=kind_of(event),
        from_age=event.from_age,
        to_age=event.to_age,
        code=ended.code if ended else None,
        origin=ended.origin if ended else "",
        count=event.count,
        clients=event.clients,
    )


_COLUMNS_OF_SOCKET = Socket._meta.concrete_fields  # noqa: SLF001 - Django documents it as public
_MERGED = tuple(f.name for f in _COLUMNS_OF_SOCKET if f.name not in ("id", "boot", "key"))


def _sockets(case: Case, sockets: Iterable[tuple[SocketFacts, Attribution]], news: SocketNews) -> None:
    Socket.objects.filter(pk__in=news.joined).delete()
    rows = [_socket(case, facts, why, news) for facts, why in sockets]
    Socket.objects.bulk_create(
        rows, batch_size=ROWS, update_conflicts=True, unique_fields=("boot", "key"), update_fields=_MERGED
    )


def _call_strays(case: Case, found: Found) -> None:
    """Have sockets that named no boot look again: this one may be theirs, or no longer."""
    if case.digest == found.digest and case.clock == case.offsets.get(SERVICE):
        return
    ours = Socket.objects.filter(environment_id=case.environment_id)
    if ours.filter(boot=None).exists() or ours.filter(borrowed=True).exists():
        # Not the database's `Now()`: SQLite spells it in milliseconds, and a claim compares the spelling.
        Environment.objects.filter(pk=case.environment_id).update(due_at=datetime.now(UTC))


def _socket(case: Case, facts: SocketFacts, why: Attribution, news: SocketNews) -> Socket:
    return Socket(
        boot_id=case.id,
        environment_id=case.environment_id,
        opened_at=case.started_at + timedelta(seconds=_first_seen(facts)),
        borrowed=news.borrowed(facts.key),
        **columns(facts, why, sorted(news.events[facts.key])),
    )


def columns(facts: SocketFacts, why: Attribution, events: list[int]) -> dict[str, Any]:
    """Return the columns of a socket that do not depend on whether it has a boot."""
    return {
        "key": facts.key,
        "socket": facts.socket or "",
        "opened_age": facts.opened_age,
        "accepted_age": facts.accepted_age,
        "ended_age": facts.ended_age,
        "outcome": why.outcome,
        "code": facts.code,
        "code_seen_by": facts.code_seen_by,
        "status": facts.status,
        "origin": facts.origin or "",
        "reason": facts.reason or "",
        "path": facts.path or "",
        "client": facts.client or "",
        "reporters": list(facts.reporters),
        "stands_for": facts.stands_for,
        "events": events,
        "cause": why.cause or "",
        "expected": why.expected,
        "certainty": (why.certainty or "") if why.cause else "",
        "before_gate": why.before_gate,
        "margin": why.margin,
        "phases": list(why.phases),
        "evidence": [asdict(evidence) for evidence in why.evidence],
        "settled": why.settled or why.outcome is Outcome.OPEN,
    }


def _first_seen(facts: SocketFacts) -> float:
    return next((age for age in (facts.opened_age, facts.ended_age) if age is not None), 0.0)
