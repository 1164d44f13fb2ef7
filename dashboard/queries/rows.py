"""The records that pages are made from: rows as they are stored, and nothing computed. Ages in seconds."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import QuerySet


@dataclass(frozen=True, kw_only=True, slots=True)
class BootRow:
    """A boot as it stands."""

    id: int
    ident: str
    service: str
    environment: str
    release: str
    instance: str
    environment_id: int
    release_id: int
    contract_id: int | None
    person_contract_id: int | None
    parent: str
    region: str
    pid: int | None
    started_at: datetime
    first_seen_at: datetime
    last_seen_at: datetime
    clock_offset: float | None
    last_age: float | None
    state: str
    observed: bool
    listening_age: float | None
    ready_age: float | None
    claimed_ready_age: float | None
    draining_age: float | None
    ended_age: float | None
    exit_code: int | None
    exit_signal: int | None
    exit_by: str
    exposed_from: float | None
    exposed_to: float | None
    mark: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PhaseRow:
    """One run of a phase."""

    boot_id: int
    name: str
    run: int
    order: int
    parent: str
    status: str
    kind: str
    required: bool
    started_age: float | None
    ended_age: float | None
    error: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckRow:
    """One finished check."""

    name: str
    ok: bool
    waited: float | None
    budget: float | None
    age: float
    phase: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SocketRow:
    """One socket and why it failed."""

    id: int
    boot_id: int | None
    socket: str
    opened_at: datetime
    opened_age: float | None
    accepted_age: float | None
    ended_age: float | None
    outcome: str
    code: int | None
    code_seen_by: dict[str, int]
    status: int | None
    origin: str
    reason: str
    path: str
    client: str
    reporters: list[str]
    stands_for: int
    cause: str
    expected: bool
    certainty: str
    before_gate: bool | None
    margin: float | None
    phases: list[str]
    evidence: list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class TallyRow:
    """Openings or expected ends counted over a window of ages."""

    kind: str
    from_age: float
    to_age: float
    code: int | None
    origin: str
    count: int
    clients: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class EventRow:
    """One event as it was reported."""

    role: str
    reporter: str
    seq: int | None
    kind: str
    age: float | None
    body: str
    received_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseRow:
    """A release and where it belongs."""

    id: int
    environment_id: int
    service: str
    environment: str
    name: str
    first_seen_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class DeploymentRow:
    """Somebody put a release into an environment."""

    environment_id: int
    release_id: int
    release: str
    at: datetime
    by: str
    url: str
    mark: int
    booted: bool  # Whether a boot of that release has reported.


PATHS = {
    BootRow: {
        "service": "environment__service__name",
        "environment": "environment__name",
        "release": "release__name",
        "instance": "instance__name",
    },
    DeploymentRow: {"release": "release__name"},
    ReleaseRow: {"service": "environment__service__name", "environment": "environment__name"},
}

Record = TypeVar("Record")


def read(record: type[Record], rows: "QuerySet[Any, Any]") -> list[Record]:
    """Read rows as records of one type, in one statement and without models."""
    names = [field.name for field in fields(record)]  # type: ignore[arg-type]
    paths = [PATHS.get(record, {}).get(name, name) for name in names]
    return [record(**dict(zip(names, row, strict=True))) for row in rows.values_list(*paths)]
