"""Query parameters, typed once: what they may hold is said here, and a name that is not listed is refused."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from django.http import HttpRequest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema

from dashboard.api.cursor import read_arrival, read_position
from dashboard.api.problems import BadParameters
from dashboard.queries.events import Arrival
from dashboard.queries.keyset import Position
from dashboard.queries.scope import Filters
from ingest.domain.events import Instant
from ingest.domain.words import BootState, Cause

MAX_LIMIT = 500  # items of one page
DEFAULT_LIMIT = 100


def _storable(value: str) -> str:
    if "\0" in value:
        msg = "must not hold a NUL character"
        raise ValueError(msg)
    return value


def _instant(value: object) -> datetime:
    try:
        stamp: datetime = msgspec.convert(value, Instant)
        return stamp.astimezone(UTC)
    except (msgspec.ValidationError, OverflowError):
        msg = "must be an RFC 3339 time with an offset, as 2026-09-16T01:42:53Z; write a plus sign as %2B"
        raise ValueError(msg) from None


_CURSOR = WithJsonSchema({"type": "string", "description": "What `next` of the page before held"})
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_storable)]
Time = Annotated[
    datetime, PlainValidator(_instant), WithJsonSchema({"type": "string", "format": "date-time"})
]
Code = Annotated[int, Field(ge=1000, le=4999)]
AfterPosition = Annotated[Position | None, PlainValidator(read_position), _CURSOR]
AfterArrival = Annotated[Arrival | None, PlainValidator(read_arrival), _CURSOR]


class _Paged(BaseModel):
    model_config = ConfigDict(frozen=True)

    limit: int = Field(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="Items of one page")


def _filters(asked: _Paged) -> Filters:
    return Filters(**{name: value for name, value in asked if name not in ("limit", "next")})


class EventsAsked(_Paged):
    """Which events of a boot are asked for."""

    next: AfterArrival = None


class SocketsAsked(_Paged):
    """Which sockets are asked for."""

    service: Name | None = Field(None, description="`service.name`")
    environment: Name | None = Field(None, description="`deployment.environment.name`")
    release: Name | None = Field(None, description="`service.version`")
    instance: Name | None = Field(None, description="`service.instance.id`")
    cause: Cause | None = Field(None, description="Why a socket failed")
    code: Code | None = Field(None, description="The close code that counts")
    since: Time | None = Field(None, description="Not before this instant")
    until: Time | None = Field(None, description="Before this instant")
    next: AfterPosition = None

    def filters(self) -> Filters:
        """Return what is asked for, as queries take it."""
        return _filters(self)


class DeploymentsAsked(_Paged):
    """Which deployments are asked for."""

    service: Name | None = Field(None, description="`service.name`")
    environment: Name | None = Field(None, description="`deployment.environment.name`")
    release: Name | None = Field(None, description="`service.version`")
    since: Time | None = Field(None, description="Not before this instant")
    until: Time | None = Field(None, description="Before this instant")
    next: AfterPosition = None

    def filters(self) -> Filters:
        """Return what is asked for, as queries take it."""
        return _filters(self)


class BootsAsked(SocketsAsked):
    """Which boots are asked for; `cause` and `code` ask for boots that had such a socket."""

    state: BootState | None = Field(None, description="Where the boot stands")


def check_names(request: HttpRequest, asked: type[BaseModel]) -> None:
    """Refuse parameters that nobody would have looked at: misspelt ones, and all but one of the same name."""
    errors = list(_unheard(request, asked))
    if errors:
        raise BadParameters(errors)


def _unheard(request: HttpRequest, asked: type[BaseModel]) -> Iterator[tuple[str, str]]:
    for name, values in request.GET.lists():
        if name not in asked.model_fields:
            yield name, f"is not a parameter; there are {', '.join(asked.model_fields)}"
        elif len(values) > 1:
            yield name, "is given more than once"
