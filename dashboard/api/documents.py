"""Rows to the shapes that the read API answers with."""

from typing import Any

import msgspec

from dashboard.api import shapes
from dashboard.queries.boots import Whole
from dashboard.queries.keyset import Row
from ingest.domain.contract import Declared, effective


def boot(whole: Whole) -> shapes.Boot:
    """Return one boot with everything that belongs to it."""
    row = whole.boot
    return shapes.Boot.model_validate(
        {
            **row,
            **_derived(row),
            "contract": _contract(row["contract_version"], row["contract_body"]),
            "phases": whole.phases,
            "checks": whole.checks,
            "sockets": whole.sockets,
            "tallies": whole.tallies,
        }
    )


def boots(rows: list[Row], cursor: str | None) -> shapes.Boots:
    """Return a page of boots in short."""
    return shapes.Boots.model_validate({"items": [{**row, **_derived(row)} for row in rows], "next": cursor})


def sockets(rows: list[Row], cursor: str | None) -> shapes.Sockets:
    """Return a page of sockets."""
    return shapes.Sockets.model_validate({"items": rows, "next": cursor})


def events(rows: list[Row], cursor: str | None) -> shapes.Events:
    """Return a page of events, each with what was reported as it was stored."""
    items = [{**row, "event": msgspec.json.decode(row["body"])} for row in rows]
    return shapes.Events.model_validate({"items": items, "next": cursor})


def _derived(row: Row) -> dict[str, Any]:
    ended, exposed = row["ended_age"] is not None, row["exposed_from"] is not None
    exit_ = {"code": row["exit_code"], "signal": row["exit_signal"], "by": row["exit_by"]}
    exposure = {"from_age": row["exposed_from"], "to_age": row["exposed_to"]}
    return {"exit": exit_ if ended else None, "exposure": exposure if exposed else None}


def _contract(version: int | None, body: str | None) -> dict[str, Any] | None:
    if body is None:
        return None
    declared = msgspec.json.decode(body, type=Declared)
    return {"version": version, **msgspec.structs.asdict(effective(None, declared))}
