"""Deployments: who put which release where, and when."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, Subquery

from dashboard.queries.keyset import Page, Position, Row, in_order, newest, period, plain, read
from dashboard.queries.rows import DeploymentRow
from dashboard.queries.rows import read as read_rows
from dashboard.queries.scope import Filters, Scope, parts
from ingest.models import Boot, Deployment, Environment, Release

SHOWN = 2  # of one release on its page
SLACK = timedelta(hours=1)  # by which a pipeline's clock may be ahead

FIELDS = {
    "key": "id",
    "id": "id",
    "service": "environment__service__name",
    "environment": "environment__name",
    "release": "release__name",
    **plain("at", "by", "url", "received_at"),
}


def listed(scope: Scope, filters: Filters, after: Position | None, limit: int) -> Page[Position]:
    """Return deployments, the newest first."""
    rows = Deployment.objects.filter(period("at", filters.since, filters.until))
    keys, end = newest(rows, parts(scope, filters), "at", after, limit)
    return Page(rows=in_order(keys, read(Deployment.objects.filter(id__in=keys), FIELDS)), end=end)


def find(key: int) -> Row:
    """Return the deployment of that row."""
    return read(Deployment.objects.filter(pk=key), FIELDS)[0]


def of_release(release: int) -> list[DeploymentRow]:
    """Return the newest deployments of a release, the newest first."""
    rows = Deployment.objects.filter(release=release).order_by("-at", "-pk")
    return read_rows(DeploymentRow, rows.annotate(booted=_booted())[:SHOWN])


def latest(environments: list[int], releases: list[int], now: datetime) -> list[DeploymentRow]:
    """Return the newest deployment of each environment, and of each of those releases.

    One that is yet to come is left out until then: a slip in its year would hide all others for good.
    """
    owned = Deployment.objects.filter(at__lte=now + SLACK).order_by("-at", "-pk").values("pk")
    in_environment = Subquery(owned.filter(environment=OuterRef("pk"))[:1])
    of_own = Subquery(owned.filter(release=OuterRef("pk"))[:1])
    last = Environment.objects.filter(pk__in=environments).annotate(last=in_environment).values("last")
    own = Release.objects.filter(pk__in=releases).annotate(last=of_own).values("last")
    rows = Deployment.objects.filter(Q(pk__in=last) | Q(pk__in=own)).order_by("at", "pk")
    return read_rows(DeploymentRow, rows.annotate(booted=_booted()))


def _booted() -> Exists:
    return Exists(Boot.objects.filter(release=OuterRef("release")))
