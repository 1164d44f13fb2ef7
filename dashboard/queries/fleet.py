"""What the fleet page shows: every service and environment with what it runs now. Nine statements."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery, Sum, Window
from django.db.models.functions import RowNumber, TruncHour

from dashboard.queries.deployments import latest
from dashboard.queries.rows import DeploymentRow
from ingest.domain.words import BootState, Cause, Outcome
from ingest.models import Boot, Environment, Release, Socket

MOST_ENVIRONMENTS = 200
MOST_RELEASES = 2_000  # the newest, over all environments
RECENT_BOOTS = 50  # of a release, whose time to gate is its normal
FAILURES_WINDOW = timedelta(hours=24)
STOPPED_WINDOW = timedelta(hours=1)  # how long an orderly end stays on the page
BEFORE_GATE = (Cause.FALSE_START, Cause.FAILED_PHASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvironmentRow:
    """One service in one environment."""

    id: int
    service: str
    environment: str
    mark: int
    release_id: int | None  # The release of the boot that started last.
    release: str | None
    release_since: datetime | None
    previous_id: int | None  # The other release whose last boot is youngest.
    previous: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Fleet:
    """The whole page."""

    environments: list[EnvironmentRow]
    states: dict[int, dict[str, int]]  # By release: boots by state.
    idle: dict[int, int]  # By release: silent boots past the gate without open sockets: nothing to look at.
    gates: dict[int, list[float]]  # By release: gate times of its recent boots, s.
    failures: dict[int, dict[datetime, int]]  # By environment: unexpected failures by hour.
    before_gate: dict[int, dict[str, int]]  # By release: failures before the gate by cause.
    last_events: dict[int, datetime]  # By environment.
    deployed: dict[int, DeploymentRow]  # By release: its last deployment.
    coming: dict[int, DeploymentRow]  # By environment: what was deployed last, while no boot of it reported.


def fleet(now: datetime) -> Fleet:
    """Read the page as of `now`."""
    environments = _environments()
    current = [row.release_id for row in environments if row.release_id is not None]
    deployments = latest([row.id for row in environments], current, now)
    previous = [row.previous_id for row in environments if row.previous_id is not None]
    return Fleet(
        environments=environments,
        states=_states(current, now),
        idle=_idle(current),
        gates=_gates([*current, *previous]),
        failures=_failures(now),
        before_gate=_before_gate(current, now),
        last_events=_last_events(current),
        deployed={row.release_id: row for row in deployments},
        coming={row.environment_id: row for row in deployments if not row.booted},
    )


def fleet_mark() -> int:
    """Return the page's high mark: it grows with everything recorded anywhere."""
    return int(Environment.objects.aggregate(mark=Sum("mark"))["mark"] or 0)


def _environments() -> list[EnvironmentRow]:
    rows = Environment.objects.order_by("service__name", "name")[:MOST_ENVIRONMENTS]
    found = list(rows.values_list("id", "service__name", "name", "mark"))
    releases = _booted([row[0] for row in found])
    return [_environment(row, releases.get(row[0], [])) for row in found]


def _booted(environments: list[int]) -> dict[int, list[tuple[int, str, datetime]]]:
    """Read the releases of environments, the one whose last boot is youngest first.

    By boots and not by when a release was first seen, so that a roll-back replaces what it rolls back.
    """
    newest = Boot.objects.filter(release=OuterRef("pk")).order_by("-started_at").values("started_at")[:1]
    rows = Release.objects.filter(environment__in=environments).annotate(latest=Subquery(newest))
    names = ("environment", "latest", "pk", "name", "first_seen_at")
    known = [row for row in rows.order_by("-pk").values_list(*names)[:MOST_RELEASES] if row[1] is not None]
    found: dict[int, list[tuple[int, str, datetime]]] = defaultdict(list)
    for row in sorted(known, key=lambda row: (row[1], row[2]), reverse=True):
        found[row[0]].append(row[2:])
    return found


def _environment(row: tuple[Any, ...], releases: list[tuple[int, str, datetime]]) -> EnvironmentRow:
    key, service, name, mark = row
    now, before = [*releases[:2], *[(None, None, None)] * 2][:2]
    return EnvironmentRow(
        id=key,
        service=service,
        environment=name,
        mark=mark,
        release_id=now[0],
        release=now[1],
        release_since=now[2],
        previous_id=before[0],
        previous=before[1],
    )


def _states(releases: list[int], now: datetime) -> dict[int, dict[str, int]]:
    alive = ~Q(state__in=(BootState.STOPPED, BootState.KILLED, BootState.FAILED, BootState.CRASHED))
    bad = Q(started_at__gte=now - FAILURES_WINDOW) & ~Q(state=BootState.STOPPED)
    stopped = Q(state=BootState.STOPPED, last_seen_at__gte=now - STOPPED_WINDOW)
    rows = Boot.objects.filter(alive | bad | stopped, release__in=releases)
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for release, state, number in rows.order_by().values_list("release", "state").annotate(Count("pk")):
        found[release][state] = number
    return found


def _idle(releases: list[int]) -> dict[int, int]:
    # An idle instance may be throttled by its platform: its silence alarms only while sockets are open.
    open_sockets = Socket.objects.filter(boot=OuterRef("pk"), outcome=Outcome.OPEN, settled=False)
    rows = (
        Boot.objects.filter(release__in=releases, state=BootState.SILENT, ready_age__isnull=False)
        .exclude(pk__in=Subquery(open_sockets.values("boot")))
        .order_by()
        .values_list("release")
        .annotate(Count("pk"))
    )
    return dict(rows)


def _gates(releases: list[int]) -> dict[int, list[float]]:
    rank = Window(RowNumber(), partition_by="release", order_by=F("started_at").desc())
    rows = Boot.objects.filter(release__in=releases, ready_age__isnull=False).annotate(rank=rank)
    found: dict[int, list[float]] = defaultdict(list)
    for release, gate in rows.filter(rank__lte=RECENT_BOOTS).values_list("release", "ready_age"):
        found[release].append(float(gate or 0.0))
    return found


def _failed_since(now: datetime) -> "QuerySet[Socket]":
    return Socket.objects.filter(opened_at__gte=now - FAILURES_WINDOW, expected=False).exclude(cause="")


def _failures(now: datetime) -> dict[int, dict[datetime, int]]:
    rows = _failed_since(now).annotate(hour=TruncHour("opened_at")).order_by()
    found: dict[int, dict[datetime, int]] = defaultdict(dict)
    for environment, hour, number in rows.values_list("environment", "hour").annotate(Sum("stands_for")):
        found[environment][hour] = number
    return found


def _before_gate(releases: list[int], now: datetime) -> dict[int, dict[str, int]]:
    rows = _failed_since(now).filter(cause__in=BEFORE_GATE, boot__release__in=releases).order_by()
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for release, cause, number in rows.values_list("boot__release", "cause").annotate(Sum("stands_for")):
        found[release][cause] = number
    return found


def _last_events(releases: list[int]) -> dict[int, datetime]:
    rows = Boot.objects.filter(release__in=releases).order_by().values_list("environment")
    return dict(rows.annotate(Max("last_seen_at")))
