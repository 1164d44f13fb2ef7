"""Contracts: what services declare, what people state beside it, and every version of both."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery

from ingest.domain.contract import Declared
from ingest.models import Boot, Contract, Environment
from ingest.store.contracts import decode

MOST_VERSIONS = 100  # of one history


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """A contract as somebody stated it."""

    version: int
    by_person: bool
    by: str  # The person; empty where a service declared it.
    reason: str
    at: datetime
    stated: Declared


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A service in an environment."""

    id: int
    service: str
    environment: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What a place's contract is made of."""

    place: Place
    declared: Version | None  # What its newest boot with a contract declared.
    release: str  # Of that boot.
    person: Version | None  # What people state now; None if nothing.
    latest: int  # The greatest version, whoever stated it; 0 without any.

    @property
    def by_person(self) -> Declared | None:
        """What people state, without who and when."""
        return self.person.stated if self.person else None

    @property
    def by_service(self) -> Declared | None:
        """What the service declares, without when."""
        return self.declared.stated if self.declared else None


def places() -> list[Terms]:
    """Return every service and environment with what its contract is made of, by name. Two statements."""
    return _terms(Environment.objects.order_by("service__name", "name"))


def terms(service: str, environment: str) -> Terms | None:
    """Return what the contract of a place is made of, or None where nothing has that name."""
    found = _terms(Environment.objects.filter(service__name=service, name=environment))
    return found[0] if found else None


def history(place: int) -> list[Version]:
    """Return the newest versions of a place's contract, newest first."""
    rows = Contract.objects.filter(environment=place).order_by("-version")[:MOST_VERSIONS]
    return [_version(row) for row in rows]


def _terms(environments: "QuerySet[Environment]") -> list[Terms]:
    mine = {"environment": OuterRef("pk")}
    boots = Boot.objects.filter(**mine, contract__isnull=False).order_by("-started_at", "-pk")
    newest = Contract.objects.filter(**mine).order_by("-version")
    rows = environments.annotate(
        declared=Subquery(boots.values("contract")[:1]),
        release=Subquery(boots.values("release__name")[:1]),
        person=Subquery(newest.filter(source=Contract.Source.PERSON).values("pk")[:1]),
        latest=Subquery(newest.values("version")[:1]),
    ).values_list("pk", "service__name", "name", "declared", "release", "person", "latest")
    listed = list(rows)
    versions = _versions({key for row in listed for key in (row[3], row[5]) if key is not None})
    return [
        Terms(
            place=Place(id=pk, service=service, environment=name),
            declared=versions.get(declared),
            release=release or "",
            person=_unless_empty(versions.get(person)),
            latest=latest or 0,
        )
        for pk, service, name, declared, release, person, latest in listed
    ]


def _versions(keys: set[int]) -> dict[int | None, Version]:
    return {row.pk: _version(row) for row in Contract.objects.filter(pk__in=keys)} if keys else {}


def _version(row: Contract) -> Version:
    return Version(
        version=row.version,
        by_person=row.source == Contract.Source.PERSON,
        by=row.stated_by,
        reason=row.reason,
        at=row.created_at,
        stated=decode(row.body),
    )


def _unless_empty(version: Version | None) -> Version | None:
    """Return what people state; a statement of nothing has taken back the one before."""
    return version if version and version.stated != Declared() else None
