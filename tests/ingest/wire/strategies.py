"""Events of every kind, made from their declarations: new fields and kinds need no word here."""

from collections.abc import Callable
from datetime import UTC
from typing import Any, get_args

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from ingest.domain.events import SOCKET_KINDS, KnownEvent
from ingest.wire.faults import FIRST, LAST

Json = dict[str, Any]
Strategy = st.SearchStrategy[Any]

LONGEST = 20  # characters, of generated text
# Of what JSON can spell, all but what no database can store.
TEXT = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
STAMPS = st.datetimes(FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None), timezones=st.just(UTC))
WINDOW = ("from_age", "to_age")


def fields(fields: tuple[inspect.Field, ...]) -> st.SearchStrategy[Json]:
    """An object with all required fields and any of the others."""
    made = {field.encode_name: _of(field.type) for field in fields}
    required = {field.encode_name for field in fields if field.required}
    return st.fixed_dictionaries(
        {name: value for name, value in made.items() if name in required},
        optional={name: value for name, value in made.items() if name not in required},
    )


def _of(kind: Any) -> Strategy:
    return _MADE[type(kind)](kind)


_MADE: dict[type[inspect.Type], Callable[[Any], Strategy]] = {
    inspect.UnionType: lambda kind: st.one_of([_of(one) for one in kind.types]),
    inspect.NoneType: lambda _: st.none(),
    inspect.BoolType: lambda _: st.booleans(),
    inspect.IntType: lambda kind: st.integers(kind.ge, kind.le),
    inspect.FloatType: lambda kind: st.floats(kind.ge, kind.le, allow_nan=False),
    inspect.StrType: lambda kind: st.text(TEXT, min_size=kind.min_length or 0, max_size=LONGEST),
    inspect.DateTimeType: lambda _: STAMPS.map(lambda stamp: stamp.isoformat()),
    inspect.EnumType: lambda kind: st.sampled_from([member.value for member in kind.cls]),
    inspect.VarTupleType: lambda kind: st.lists(_of(kind.item_type), max_size=3),
    inspect.StructType: lambda kind: fields(kind.fields),
}


def _valid(event: Json) -> Json:
    """Mend what a declaration cannot say."""
    if event.get("status") == "running":
        event["status"] = "ok"
    if event["kind"] in SOCKET_KINDS:
        event["opened_age"] = event.get("opened_age") or 0.0
    if "to_age" in event:
        event |= dict(zip(WINDOW, sorted(event[name] for name in WINDOW), strict=True))
    return event


def _of_kind(declared: type[msgspec.Struct]) -> st.SearchStrategy[Json]:
    info = inspect.type_info(declared)
    assert isinstance(info, inspect.StructType)
    own = tuple(field for field in info.fields if field.encode_name != "seq")
    return fields(own).map(lambda event: _valid({"kind": info.tag, **event}))


BY_KIND = {str(declared.__struct_config__.tag): _of_kind(declared) for declared in get_args(KnownEvent)}
ANY_JSON: Strategy = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
