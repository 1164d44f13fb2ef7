"""What is stored, without what may differ: surrogate keys, revisions, arrival times, marks."""

from typing import Any

from django.db.models import Model

from ingest.models import Boot, Check, Event, Phase, Socket, Tally

APART = {
    "id", "boot", "environment", "release", "instance", "contract", "events", "timeline_digest",
    "revision", "correlated_revision", "due_at", "mark",
    "received_at", "first_seen_at", "last_seen_at", "clock_offset", "clock", "clock_low", "clock_high",
    "person_contract",
}  # fmt: skip
MODELS: tuple[type[Model], ...] = (Event, Phase, Check, Socket, Tally)


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """All derived and raw rows by table, in an order of their own."""
    boots = [
        (boot.ident, boot.release.name, boot.instance.name, str(boot.contract), *_values(boot))
        for boot in Boot.objects.select_related("release", "instance", "contract__environment__service")
    ]
    rows = {
        model.__name__: sorted((_of(row) for row in model._default_manager.all()), key=repr)
        for model in MODELS
    }
    return {"Boot": sorted(boots, key=repr), **rows}


def _of(row: Model) -> tuple[Any, ...]:
    boot = getattr(row, "boot", None)
    return (boot.ident if boot else None, *_values(row))


def _values(row: Model) -> tuple[Any, ...]:
    return tuple(getattr(row, f.attname) for f in row._meta.concrete_fields if f.name not in APART)
