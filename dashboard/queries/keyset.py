"""Pages by position, not by number: nothing that arrives meanwhile moves them, and each costs the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, Generic, TypeVar

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

Row = dict[str, Any]
Rows = QuerySet[Any, Any]
End = TypeVar("End")


@dataclass(frozen=True, kw_only=True, slots=True)
class Position:
    """Where a page ended: the time and the primary key of its last row."""

    at: datetime
    key: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Page(Generic[End]):
    """Some rows, and where they ended if there are more."""

    rows: list[Row]
    end: End | None


def plain(*names: str) -> dict[str, str]:
    """Return the fields that are called what their columns are."""
    return {name: name for name in names}


def stored_json(*names: str) -> dict[str, Cast]:
    """Return the fields that hold JSON as the text of it."""
    return {name: Cast(name, TextField()) for name in names}


def read(rows: Rows, fields: Mapping[str, str | Cast]) -> list[Row]:
    """Return the rows as dictionaries; `fields` says what path or expression each name stands for."""
    names = tuple(fields)
    return [dict(zip(names, values, strict=True)) for values in rows.values_list(*fields.values())]


def period(time: str, since: datetime | None, until: datetime | None) -> Q:
    """Return the condition that the column `time` lies in the half-open period [since, until)."""
    bounds = {f"{time}__gte": since, f"{time}__lt": until}
    return Q(**{lookup: bound for lookup, bound in bounds.items() if bound is not None})


def newest(
    rows: Rows, parts: Sequence[Q], time: str, after: Position | None, limit: int
) -> tuple[list[int], Position | None]:
    """Return the primary keys of the newest `limit` rows after a position, and where to go on.

    `parts` are disjoint conditions, each a short walk down an index; the walks are merged here, since SQLite
    cannot merge them.
    """
    beyond = Q() if after is None else _beyond(time, after)
    walks = [_walk(rows.filter(part & beyond), time, limit + 1) for part in parts]
    found = sorted(chain.from_iterable(walks), reverse=True)
    page = found[:limit]
    end = Position(at=page[-1][0], key=page[-1][1]) if len(found) > limit else None
    return [key for _, key in page], end


def in_order(keys: Sequence[int], rows: Sequence[Row]) -> list[Row]:
    """Return the rows in the order of their `key`, without those that have gone meanwhile."""
    found = {row["key"]: row for row in rows}
    return [found[key] for key in keys if key in found]


def _beyond(time: str, after: Position) -> Q:
    # The first condition adds nothing but a bound that an index on the time can start from.
    bound = Q(**{f"{time}__lte": after.at})
    return bound & (Q(**{f"{time}__lt": after.at}) | Q(pk__lt=after.key))


def _walk(rows: Rows, time: str, count: int) -> Rows:
    return rows.order_by(f"-{time}", "-id").values_list(time, "id")[:count]
