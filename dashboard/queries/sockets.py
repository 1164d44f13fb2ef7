"""Sockets as last attributed: those of one boot, or many with the boot they belong to."""

from django.db.models import Q

from dashboard.queries.keyset import Page, Position, Row, in_order, newest, period, plain, read
from dashboard.queries.scope import Filters, Scope, parts
from ingest.models import Socket

FIELDS = plain(
    "key",
    "socket",
    "opened_age",
    "accepted_age",
    "ended_age",
    "outcome",
    "code",
    "code_seen_by",
    "status",
    "origin",
    "reason",
    "path",
    "client",
    "reporters",
    "cause",
    "expected",
    "certainty",
    "before_gate",
    "margin",
    "phases",
    "evidence",
)
LIST_FIELDS = {
    **FIELDS,
    "key": "id",
    "opened_at": "opened_at",
    "boot": "boot__ident",
    "service": "environment__service__name",
    "environment": "environment__name",
    "release": "boot__release__name",
    "instance": "boot__instance__name",
    "region": "boot__region",
}


def of_boot(boot: int) -> list[Row]:
    """Return all sockets of the boot with that primary key by opening age, those without one last."""
    return sorted(read(Socket.objects.filter(boot_id=boot), FIELDS), key=_by_opening)


def listed(scope: Scope, filters: Filters, after: Position | None, limit: int) -> Page[Position]:
    """Return sockets newest opening first, with names that are None where they belong to no boot."""
    wanted = {"cause": filters.cause, "code": filters.code}
    asked = Q(**{name: value for name, value in wanted.items() if value is not None})
    rows = Socket.objects.filter(asked & period("opened_at", filters.since, filters.until))
    keys, end = newest(rows, parts(scope, filters, boot="boot__"), "opened_at", after, limit)
    return Page(rows=in_order(keys, read(Socket.objects.filter(id__in=keys), LIST_FIELDS)), end=end)


def _by_opening(socket: Row) -> tuple[bool, float, str]:
    # Sorted here and not by the database: PostgreSQL's order of texts depends on its locale.
    age = socket["opened_age"]
    return (age is None, 0.0 if age is None else age, socket["key"])
