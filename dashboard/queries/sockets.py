"""Sockets as last attributed: those of one boot, or many with the boot they belong to."""

from django.db.models import Q
from django.db.models.functions import Cast

from dashboard.queries.keyset import Page, Position, Row, in_order, newest, period, plain, read, stored_json
from dashboard.queries.scope import Filters, Scope, parts
from ingest.models import Socket

FIELDS: dict[str, str | Cast] = {
    **plain("socket", "opened_age", "accepted_age", "ended_age", "outcome", "code"),
    **stored_json("code_seen_by"),
    **plain("status", "origin", "reason", "path", "client", "stands_for"),
    **stored_json("reporters"),
    **plain("cause", "expected", "certainty", "before_gate", "margin"),
    **stored_json("phases", "evidence"),
}
LIST_FIELDS: dict[str, str | Cast] = {
    **FIELDS,
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
    # Sorted here and not by the database: PostgreSQL's order of texts depends on its locale.
    rows = sorted(read(Socket.objects.filter(boot_id=boot), {**FIELDS, "key": "key"}), key=_by_opening)
    return [_without_key(row) for row in rows]


def listed(scope: Scope, filters: Filters, after: Position | None, limit: int) -> Page[Position]:
    """Return sockets newest opening first, with names that are None where they belong to no boot."""
    wanted = {"cause": filters.cause, "code": filters.code}
    asked = Q(**{name: value for name, value in wanted.items() if value is not None})
    rows = Socket.objects.filter(asked & period("opened_at", filters.since, filters.until))
    keys, end = newest(rows, parts(scope, filters, boot="boot__"), "opened_at", after, limit)
    found = in_order(keys, read(Socket.objects.filter(id__in=keys), {**LIST_FIELDS, "key": "id"}))
    return Page(rows=[_without_key(row) for row in found], end=end)


def _by_opening(socket: Row) -> tuple[bool, float, str]:
    age = socket["opened_age"]
    return (age is None, 0.0 if age is None else age, socket["key"])


def _without_key(row: Row) -> Row:
    del row["key"]
    return row
