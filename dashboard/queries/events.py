"""Events as reported: the truth that everything else is derived from."""

from dataclasses import dataclass

from django.db.models import Q

from dashboard.queries.keyset import Page, plain, read
from dashboard.queries.scope import Scope, visible
from ingest.models import Boot, Event

FIELDS = plain("role", "reporter", "seq", "kind", "age", "at", "received_at", "body", "revision")


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """Where a page of events ended: the revision and the primary key of its last one."""

    revision: int
    key: int


def of_boot(ident: str, scope: Scope, after: Arrival | None, limit: int) -> Page[Arrival] | None:
    """Return a boot's events in the order of arrival, or None where there is no boot to be seen."""
    boot = Boot.objects.filter(visible(scope), ident=ident).values_list("id", flat=True).first()
    if boot is None:
        return None
    beyond = Q() if after is None else _beyond(after)
    rows = Event.objects.filter(beyond, boot_id=boot).order_by("revision", "id")
    found = read(rows[: limit + 1], {**FIELDS, "id": "ident", "key": "id"})
    page = found[:limit]
    end = Arrival(revision=page[-1]["revision"], key=page[-1]["key"]) if len(found) > limit else None
    return Page(rows=page, end=end)


def _beyond(after: Arrival) -> Q:
    return Q(revision__gte=after.revision) & (Q(revision__gt=after.revision) | Q(id__gt=after.key))
