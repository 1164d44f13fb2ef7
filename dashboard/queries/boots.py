"""Boots as last recorded: one with everything that belongs to it, or many in short."""

from dataclasses import dataclass

from django.db.models import Q, Sum

from dashboard.queries.keyset import Page, Position, Row, Rows, in_order, newest, period, plain, read
from dashboard.queries.scope import Filters, Scope, parts, visible
from dashboard.queries.sockets import of_boot
from ingest.domain.words import Cause
from ingest.models import Boot, Check, Phase, Socket, Tally

READS = 3  # attempts to read a boot and what belongs to it between two of its records

FIELDS = {
    "key": "id",
    "id": "ident",
    "service": "environment__service__name",
    "environment": "environment__name",
    "release": "release__name",
    "instance": "instance__name",
    **plain(
        "region",
        "state",
        "started_at",
        "listening_age",
        "ready_age",
        "claimed_ready_age",
        "ended_age",
        "exit_code",
        "exit_signal",
        "exit_by",
        "exposed_from",
        "exposed_to",
    ),
}
CONTRACT_FIELDS = {
    "contract_version": "contract__version",
    "contract_body": "contract__body",
    "person_version": "person_contract__version",
    "person_body": "person_contract__body",
}
PHASE_FIELDS = plain("name", "parent", "status", "kind", "required", "started_age", "ended_age", "error")
CHECK_FIELDS = plain("name", "ok", "waited", "budget", "age", "phase")
TALLY_FIELDS = plain("kind", "from_age", "to_age", "code", "origin", "count", "clients")
COUNTS = ("sockets", "failed", "false_starts")
NONE = dict.fromkeys(COUNTS, 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Whole:
    """One boot with everything that belongs to it, all of one record."""

    boot: Row
    phases: list[Row]
    checks: list[Row]
    sockets: list[Row]
    tallies: list[Row]


def find(ident: str, scope: Scope) -> Whole | None:
    """Return the boot of that reporter's id, or None where there is none to be seen."""
    rows = Boot.objects.filter(visible(scope), ident=ident)
    fields = {**FIELDS, **CONTRACT_FIELDS, "mark": "mark"}
    whole = None
    for _ in range(READS):
        found = read(rows, fields)
        # A record that is made between our statements would mix its rows with those of the one before.
        if whole is not None and found and found[0]["mark"] == whole.boot["mark"]:
            return whole
        if not found:
            return None
        whole = _belongings(found[0])
    return whole


def listed(scope: Scope, filters: Filters, after: Position | None, limit: int) -> Page[Position]:
    """Return boots newest first, each with the `counts` of its sockets."""
    asked = period("started_at", filters.since, filters.until)
    if filters.state is not None:
        asked &= Q(state=filters.state)
    rows = Boot.objects.filter(asked & _with_socket(filters))
    keys, end = newest(rows, parts(scope, filters), "started_at", after, limit)
    boots = in_order(keys, read(Boot.objects.filter(id__in=keys), FIELDS))
    counts = _counts(keys)
    return Page(rows=[{**boot, "counts": counts.get(boot["key"], NONE)} for boot in boots], end=end)


def _belongings(boot: Row) -> Whole:
    key = boot["key"]
    return Whole(
        boot=boot,
        phases=read(_of(Phase, key).order_by("order", "run", "started_age", "id"), PHASE_FIELDS),
        checks=read(_of(Check, key).order_by("age", "ref"), CHECK_FIELDS),
        sockets=of_boot(key),
        tallies=read(_of(Tally, key).order_by("from_age", "to_age", "kind", "ref"), TALLY_FIELDS),
    )


def _of(model: type[Phase | Check | Tally], boot: int) -> Rows:
    return model._default_manager.filter(boot_id=boot)  # noqa: SLF001 - Django's public name for it


def _with_socket(filters: Filters) -> Q:
    wanted = {"cause": filters.cause, "code": filters.code}
    asked = {name: value for name, value in wanted.items() if value is not None}
    # Not `Exists`, which SQLite answers by reading all sockets of that cause again for every boot.
    return Q(id__in=Socket.objects.filter(**asked).values("boot_id")) if asked else Q()


def _counts(keys: list[int]) -> dict[int, dict[str, int]]:
    """Return how many sockets each boot had; a sampled report counts for all it stands for."""
    failed = ~Q(cause="") & Q(expected=False)
    rows = (
        Socket.objects.filter(boot_id__in=keys)
        .values_list("boot_id")
        .annotate(
            sockets=Sum("stands_for"),
            failed=Sum("stands_for", filter=failed, default=0),
            false_starts=Sum("stands_for", filter=Q(cause=Cause.FALSE_START), default=0),
        )
    )
    return {key: dict(zip(COUNTS, counts, strict=True)) for key, *counts in rows}
