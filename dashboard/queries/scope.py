"""What a reader may see, and which of it they ask for: names in, conditions on primary keys out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from ingest.models import Environment, Instance, Release

MAX_PARTS = 8  # walks that are merged into one page; for more owners it is one walk past all rows


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """What a reader may see; an empty name stands for any."""

    service: str = ""
    environment: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    """Which rows are asked for; None asks for all."""

    service: str | None = None
    environment: str | None = None
    release: str | None = None
    instance: str | None = None
    state: str | None = None  # Of boots only.
    cause: str | None = None
    code: int | None = None
    since: datetime | None = None  # The first instant that counts.
    until: datetime | None = None  # The first instant that no longer counts.


def parts(scope: Scope, filters: Filters, *, boot: str = "") -> list[Q]:
    """Return disjoint conditions that together hold what may be seen and was asked for; none, if nothing can.

    `boot` is the path from the row to its boot, `boot__` for rows that belong to one. Each condition pins
    a key that an index puts in front of the time, so that a page costs the same however old the rest is.
    """
    environments = _environments(scope, filters)
    if filters.release is not None:
        owners = _owned(Release.objects.filter(name=filters.release), environments)
        also = {} if filters.instance is None else {f"{boot}instance__name": filters.instance}
        return _pinned(f"{boot}release_id", owners, also)
    if filters.instance is not None:
        return _pinned(
            f"{boot}instance_id", _owned(Instance.objects.filter(name=filters.instance), environments)
        )
    if environments is not None:
        return _pinned("environment_id", {key: key for key in environments})
    return [Q()]


def visible(scope: Scope) -> Q:
    """Return the condition on a boot or socket that its environment may be seen."""
    wanted = {"environment__service__name": scope.service, "environment__name": scope.environment}
    return Q(**{path: name for path, name in wanted.items() if name})


def _environments(scope: Scope, filters: Filters) -> list[int] | None:
    wanted = [
        *(("service__name", name) for name in (scope.service, filters.service) if name),
        *(("name", name) for name in (scope.environment, filters.environment) if name),
    ]
    if not wanted:
        return None
    rows = Environment.objects.all()
    for path, name in wanted:
        rows = rows.filter(**{path: name})
    return list(rows.values_list("id", flat=True))


def _owned(owners: QuerySet[Any], environments: list[int] | None) -> dict[int, int]:
    within = owners if environments is None else owners.filter(environment_id__in=environments)
    return dict(within.values_list("id", "environment_id"))


def _pinned(path: str, owners: Mapping[int, int], also: Mapping[str, str] | None = None) -> list[Q]:
    """Return a condition for each owner; `owners` says which environment each is of."""
    if len(owners) > MAX_PARTS:
        return [Q(**{f"{path}__in": list(owners)}, **(also or {}))]
    # No index on sockets knows releases or instances; the one on their environment is the next best.
    return [Q(**{path: key, **_environment(path, owners[key])}, **(also or {})) for key in owners]


def _environment(path: str, key: int) -> dict[str, int]:
    return {"environment_id": key} if "__" in path else {}
