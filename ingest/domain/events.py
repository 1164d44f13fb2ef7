"""The event vocabulary of wire format v1: one frozen record a kind. Ages in seconds since process start.

`json.decode` of these types is the validation of an event: what a field may hold is said here and
nowhere else. Fields that a kind does not know are ignored, so that old servers read new probes.
"""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from ingest.domain.contract import Declared, Name, Names
from ingest.domain.page_state import PageState
from ingest.domain.words import Origin, PhaseKind, PhaseStatus, Role

Age = Annotated[float, Meta(ge=-1e9, le=1e9)]  # s; negative for what a parent did before the fork
Seq = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Count = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Code = Annotated[int, Meta(ge=1000, le=4999)]  # RFC 6455 section 7.4; 1005 and 1006 are synthesised locally
Status = Annotated[int, Meta(ge=100, le=599)]
Text = Annotated[str, Meta(max_length=4000)]
Label = Annotated[str, Meta(max_length=200)]
BootId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._:-]{1,128}$(?!\n)")]  # `$` alone lets one line break pass
Instant = Annotated[datetime, Meta(tz=True)]  # a stamp without an offset is refused


class Event(Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """What every event carries."""

    seq: Seq | None = None  # Its number among its reporter's events of this boot.
    id: Label | None = None  # Its identity where it has no boot.
    age: Age | None = None  # When it happened, on the boot's own clock.
    at: Instant | None = None  # When it happened, by the reporter's wall clock.


class _Aged(Event, frozen=True, kw_only=True, omit_defaults=True):
    age: Age


class PhaseStarted(_Aged, frozen=True, kw_only=True, omit_defaults=True, tag="phase.started"):
    """A run of a phase began."""

    phase: Name
    parent: Name | None = None
    depends_on: Names = ()
    phase_kind: PhaseKind | None = None


class PhaseFinished(_Aged, frozen=True, kw_only=True, omit_defaults=True, tag="phase.finished"):
    """A run of a phase ended."""

    phase: Name
    status: PhaseStatus
    error: Text | None = None
    parent: Name | None = None

    def __post_init__(self) -> None:
        """Refuse an end that is no end."""
        if self.status is PhaseStatus.RUNNING:
            msg = "`status` of a finished phase cannot be running"
            raise ValueError(msg)


class CheckFinished(_Aged, frozen=True, kw_only=True, omit_defaults=True, tag="check.finished"):
    """A readiness check ended: what it says it may wait (`budget`) beside what it waited, in seconds."""

    check: Name
    ok: bool
    waited: Annotated[float, Meta(ge=0, le=1e9)] | None = None
    budget: Annotated[float, Meta(ge=0, le=1e9)] | None = None
    phase: Name | None = None


class BootListening(_Aged, frozen=True, kw_only=True, omit_defaults=True, tag="boot.listening"):
    """The port is open, or the platform's probe passed."""

    port: Annotated[int, Meta(ge=0, le=65535)] | None = None


class BootReady(_Aged, frozen=True, kw_only=True, omit_defaults=True, tag="boot.ready"):
    """The service claims to be ready."""


class BootDegraded(_Aged, frozen=True, kw_only=True, omit_defaults=True, tag="boot.degraded"):
    """The service goes on without some of its phases."""

    bypassed: Names = ()
    reason: Text | None = None


class BootFailed(_Aged, frozen=True, kw_only=True, omit_defaults=True, tag="boot.failed"):
    """The service says that its start failed."""

    phase: Name | None = None
    error: Text | None = None


class BootDraining(_Aged, frozen=True, kw_only=True, omit_defaults=True, tag="boot.draining"):
    """The service began to shut down."""


class BootExited(_Aged, frozen=True, kw_only=True, omit_defaults=True, tag="boot.exited"):
    """The process ended. May come from any reporter."""

    code: Annotated[int, Meta(ge=-255, le=2**32)] | None = None
    signal: Annotated[int, Meta(ge=1, le=255)] | None = None
    by: Label | None = None  # Who ended it: `probe`, `platform`, `self`, a person.


class _OfSocket(Event, frozen=True, kw_only=True, omit_defaults=True):
    socket: Label | None = None  # The id that joins both sides' reports.
    client: Label | None = None
    path: Annotated[str, Meta(max_length=2000)] | None = None
    opened_age: Age | None = None
    opened_at: Instant | None = None  # By a reporter that knows no boot.


class SocketOpened(_OfSocket, frozen=True, kw_only=True, omit_defaults=True, tag="socket.opened"):
    """A WebSocket attempt reached the reporter."""


class _Ended(_OfSocket, frozen=True, kw_only=True, omit_defaults=True):
    ended_age: Age | None = None
    ended_at: Instant | None = None
    origin: Origin = Origin.UNKNOWN
    reason: Text | None = None
    exception: Label | None = None  # The type of the exception that passed through.
    stands_for: Annotated[int, Meta(ge=1, le=2**31 - 1)] = 1  # How many sockets this sample speaks for.
    page: PageState | None = None  # Where a web page reports.


class SocketEnded(_Ended, frozen=True, kw_only=True, omit_defaults=True, tag="socket.ended"):
    """An accepted WebSocket ended; without `code` there was no close frame."""

    accepted_age: Age | None = None
    accepted_at: Instant | None = None
    code: Code | None = None


class SocketRejected(_Ended, frozen=True, kw_only=True, omit_defaults=True, tag="socket.rejected"):
    """A handshake was refused, with its HTTP status where it is known."""

    status: Status | None = None


class _Tallied(Event, frozen=True, kw_only=True, omit_defaults=True):
    from_age: Age
    to_age: Age
    count: Count
    clients: Count | None = None

    def __post_init__(self) -> None:
        """Refuse a window that ends before it begins."""
        if self.to_age < self.from_age:
            msg = "`to_age` must not be before `from_age`"
            raise ValueError(msg)


class SocketsOpened(_Tallied, frozen=True, kw_only=True, omit_defaults=True, tag="sockets.opened"):
    """Openings counted over a window of ages."""


class SocketsEnded(_Tallied, frozen=True, kw_only=True, omit_defaults=True, tag="sockets.ended"):
    """Expected ends counted over a window of ages."""

    code: Code | None = None
    origin: Origin = Origin.UNKNOWN


class RequestFailed(_Aged, frozen=True, kw_only=True, omit_defaults=True, tag="request.failed"):
    """An HTTP request failed while the boot was starting."""

    path: Annotated[str, Meta(max_length=2000)] | None = None
    method: Label | None = None
    status: Status | None = None
    opened_age: Age | None = None
    ended_age: Age | None = None
    error: Text | None = None


class Alive(_Aged, frozen=True, kw_only=True, omit_defaults=True, tag="alive"):
    """The reporter lives, and promises to say so every 10 s."""

    open: Count | None = None  # Sockets open now.
    dropped: Count | None = None  # Events that the reporter had to drop so far.


class Unknown(Struct, frozen=True, kw_only=True):
    """An event of a kind that this version does not know: kept, and shown as such."""

    kind: Annotated[str, Meta(min_length=1, max_length=64)]
    seq: Seq | None = None
    id: Label | None = None
    age: Age | None = None
    at: Instant | None = None


SocketEvent = SocketOpened | SocketEnded | SocketRejected
TallyEvent = SocketsOpened | SocketsEnded
PhaseEvent = PhaseStarted | PhaseFinished
BootEvent = BootListening | BootReady | BootDegraded | BootFailed | BootDraining | BootExited
KnownEvent = PhaseEvent | CheckFinished | BootEvent | SocketEvent | TallyEvent | RequestFailed | Alive
AnyEvent = KnownEvent | Unknown


def _kinds(*events: type[Event]) -> frozenset[str]:
    return frozenset(str(event.__struct_config__.tag) for event in events)


KINDS = _kinds(*KnownEvent.__args__)
LIFECYCLE_KINDS = _kinds(*(PhaseEvent | BootEvent).__args__)
CHECK_KINDS = _kinds(CheckFinished)
SOCKET_KINDS = _kinds(*SocketEvent.__args__)
TALLY_KINDS = _kinds(*TallyEvent.__args__)


def kind_of(event: AnyEvent) -> str:
    """Return an event's kind as the wire spells it."""
    return event.kind if isinstance(event, Unknown) else str(event.__struct_config__.tag)


def happened(event: AnyEvent) -> float | None:
    """Return the age at which an event happened, in seconds, or None where it has none."""
    match event:
        case SocketEnded() | SocketRejected():
            return next((a for a in (event.age, event.ended_age, event.opened_age) if a is not None), None)
        case SocketOpened():
            return event.age if event.age is not None else event.opened_age
        case SocketsOpened() | SocketsEnded():
            return event.age if event.age is not None else event.to_age
    return event.age


class Reported(Struct, frozen=True, kw_only=True):
    """An event with who reported it."""

    role: Role
    reporter: str  # The reporter's name.
    event: AnyEvent

    @property
    def number(self) -> str:
        """Return what tells this event from the others of its reporter."""
        return str(self.event.id if self.event.seq is None else self.event.seq)

    @property
    def ref(self) -> str:
        """Return the name by which evidence refers to this event, `service:6@probe`."""
        # An id may hold anything, and the first `@` is where the reporter's name begins.
        return f"{self.role}:{self.number.replace('%', '%25').replace('@', '%40')}@{self.reporter}"

    @property
    def order(self) -> tuple[float, int, int, str, str]:
        """Return the key that puts a boot's events into one order, whatever order they arrived in."""
        age = happened(self.event)
        rank = ROLE_RANK[self.role]
        return (
            age if age is not None else float("inf"),
            rank,
            self.event.seq or 0,
            self.reporter,
            self.event.id or "",
        )


ROLE_RANK = {role: rank for rank, role in enumerate(Role)}


class Reporter(Struct, frozen=True, kw_only=True):
    """Who sends a batch."""

    role: Role
    name: Name
    version: Label | None = None


class Resource(Struct, frozen=True, kw_only=True):
    """What OpenTelemetry calls the thing that reports; the attributes that we use."""

    service: Name = msgspec.field(name="service.name")
    environment: Name = msgspec.field(name="deployment.environment.name", default="default")
    release: Name = msgspec.field(name="service.version", default="unknown")
    instance: Name | None = msgspec.field(name="service.instance.id", default=None)
    region: Label | None = msgspec.field(name="cloud.region", default=None)
    pid: Annotated[int, Meta(ge=0, le=2**53)] | None = msgspec.field(name="process.pid", default=None)


class BootFacts(Struct, frozen=True, kw_only=True):
    """What a batch says about its boot."""

    id: BootId
    started_at: Instant | None = None
    parent: BootId | None = None
    contract: Declared | None = None
