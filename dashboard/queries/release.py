"""What a release page shows. Nine statements at most, each bounded."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db.models import Max, OuterRef, Subquery, Sum

from dashboard.queries.deployments import of_release
from dashboard.queries.rows import BootRow, DeploymentRow, PhaseRow, ReleaseRow, SocketRow, read
from dashboard.queries.strays import StrayRow, strays_of
from ingest.domain.contract import Contract, Declared, Version, in_force
from ingest.models import Boot, Deployment, Phase, Release, Socket
from ingest.models import Contract as ContractVersion

MOST_BOOTS = 300
MOST_PHASES = 12_000  # runs
MOST_SOCKETS = 2_000
NORMAL_BOOTS = 50  # of the release before, whose median is the reference


@dataclass(frozen=True, kw_only=True, slots=True)
class CauseCount:
    """Failures of one cause, by how sure."""

    cause: str
    expected: bool
    certainty: str
    code: int | None
    status: int | None
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Normal:
    """The release before: what its boots did, for comparison."""

    release: ReleaseRow
    boots: list[BootRow]
    phases: dict[int, list[PhaseRow]]  # By boot.


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """The contract that a boot was judged by, and the versions that it is made of."""

    contract: Contract
    version: int | None  # As the boot declared it.
    person_version: int | None  # As a person stated it, which beats that field by field.


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleasePage:
    """The whole page."""

    release: ReleaseRow
    total: int  # Boots of the release; `boots` are its newest.
    boots: list[BootRow]
    phases: dict[int, list[PhaseRow]]  # By boot.
    sockets: list[SocketRow]  # Those that failed, newest first.
    causes: list[CauseCount]
    contracts: dict[int, Judged]  # By boot.
    strays: list[StrayRow]  # Failed sockets that only clients saw, newest first.
    normal: Normal | None
    deployments: list[DeploymentRow]  # Newest first.


def release(service: str, environment: str, name: str) -> ReleasePage | None:
    """Read the page of a release, or None where there is no such release."""
    rows = Release.objects.filter(
        environment__service__name=service, environment__name=environment, name=name
    )
    found = read(ReleaseRow, rows)
    if not found:
        return None
    boots = newest_boots(found[0].id, MOST_BOOTS)
    keys = [boot.id for boot in boots]
    return ReleasePage(
        release=found[0],
        total=len(boots) if len(boots) < MOST_BOOTS else Boot.objects.filter(release=found[0].id).count(),
        boots=boots,
        phases=phases_of(keys),
        sockets=_failed_sockets(keys),
        causes=_causes(keys),
        strays=strays_of(found[0].environment_id, boots),
        contracts=contracts_of(boots),
        normal=normal_of(found[0].id, found[0].environment_id),
        deployments=of_release(found[0].id),
    )


def release_mark(service: str, environment: str, name: str) -> int:
    """Return the page's high mark: the greatest of its boots and deployments."""
    rows = Release.objects.filter(
        environment__service__name=service, environment__name=environment, name=name
    )
    marked = (Boot.objects.filter(release__in=rows), Deployment.objects.filter(release__in=rows))
    return max(int(found.aggregate(mark=Max("mark"))["mark"] or 0) for found in marked)


def newest_boots(release_id: int, most: int) -> list[BootRow]:
    """Read the newest boots of a release."""
    return read(BootRow, Boot.objects.filter(release=release_id).order_by("-started_at", "-pk")[:most])


def phases_of(boots: Sequence[int]) -> dict[int, list[PhaseRow]]:
    """Read the phases of boots, in their order."""
    found: dict[int, list[PhaseRow]] = defaultdict(list)
    rows = Phase.objects.filter(boot__in=boots).order_by("boot", "order", "run")
    for row in read(PhaseRow, rows[:MOST_PHASES]):
        found[row.boot_id].append(row)
    return found


def contracts_of(boots: Sequence[BootRow]) -> dict[int, Judged]:
    """Read the contracts that boots were judged by; boots without any are left out."""
    pairs = {(boot.contract_id, boot.person_contract_id) for boot in boots}
    keys = {key for pair in pairs for key in pair if key is not None}
    rows = ContractVersion.objects.filter(pk__in=keys).values_list("pk", "version", "body") if keys else ()
    versions = {key: (version, _decoded(body)) for key, version, body in rows}
    # Many boots were judged by the same pair.
    judged = {pair: _judged(*(versions.get(key or 0) for key in pair)) for pair in pairs if any(pair)}
    by_boot = {boot.id: judged.get((boot.contract_id, boot.person_contract_id)) for boot in boots}
    return {boot: contract for boot, contract in by_boot.items() if contract is not None}


def _judged(declared: Version | None, person: Version | None) -> Judged:
    return Judged(
        contract=in_force(person, declared),
        version=declared[0] if declared else None,
        person_version=person[0] if person else None,
    )


def normal_of(release_id: int, environment_id: int) -> Normal | None:
    """Read the release that this one replaces, as far as a median needs it."""
    before = _replaced(release_id, environment_id)
    if not before:
        return None
    boots = [boot for boot in newest_boots(before[0].id, NORMAL_BOOTS) if boot.ready_age is not None]
    return Normal(release=before[0], boots=boots, phases=phases_of([boot.id for boot in boots]))


def _replaced(release_id: int, environment_id: int) -> list[ReleaseRow]:
    """Read the other release that booted last before this one's newest boot."""
    own = Boot.objects.filter(release=release_id).order_by("-started_at")
    newest = own.values_list("started_at", flat=True).first()
    if newest is None:
        return []
    earlier = Boot.objects.filter(release=OuterRef("pk"), started_at__lt=newest).order_by("-started_at")
    others = Release.objects.filter(environment=environment_id).exclude(pk=release_id)
    booted = others.annotate(latest=Subquery(earlier.values("started_at")[:1])).filter(latest__isnull=False)
    return read(ReleaseRow, booted.order_by("-latest", "-pk")[:1])


def _failed_sockets(boots: Sequence[int]) -> list[SocketRow]:
    rows = Socket.objects.filter(boot__in=boots).exclude(cause="")
    return read(SocketRow, rows.order_by("-opened_at", "-pk")[:MOST_SOCKETS])


def _causes(boots: Sequence[int]) -> list[CauseCount]:
    names = ("cause", "expected", "certainty", "code", "status")
    rows = Socket.objects.filter(boot__in=boots).exclude(cause="").order_by().values(*names)
    counted: list[dict[str, Any]] = list(rows.annotate(count=Sum("stands_for")))
    return [CauseCount(**row) for row in counted]


def _decoded(body: str) -> Declared:
    return msgspec.json.decode(body, type=Declared)
