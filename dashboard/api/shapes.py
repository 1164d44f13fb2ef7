"""What the API answers with. Ages are seconds since process start; what is not known is null."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from ingest.domain.words import (
    Basis,
    BootState,
    Cause,
    Certainty,
    Origin,
    Outcome,
    PhaseKind,
    PhaseStatus,
    Role,
)

Text = str | None
Age = float | None


class Evidence(BaseModel):
    """One thing that a cause rests on."""

    name: str
    value: float | int | str | bool | None
    unit: str | None
    basis: Basis
    events: list[str] = Field(description="`role:seq@reporter` of the events that say so")
    source: Text = Field(None, description="Whose value it is, where it is configured")


class CodeSeenBy(BaseModel):
    """The close code that each side saw."""

    service: int | None
    client: int | None
    gateway: int | None


class Socket(BaseModel):
    """One WebSocket attempt, and why it failed."""

    socket: Text = Field(description="The id that joins both sides' reports")
    opened_age: Age
    accepted_age: Age
    ended_age: Age
    outcome: Outcome
    code: int | None = Field(description="The close code that counts")
    code_seen_by: CodeSeenBy
    codes_disagree: bool = Field(description="Whether two sides saw different close codes; 1006 is none")
    status: int | None = Field(description="The HTTP status of a refused handshake")
    origin: Origin | None
    reason: Text
    path: Text
    client: Text
    stands_for: int = Field(description="How many sockets it counts for: more than 1 in a sample")
    reporters: list[Role]
    cause: Cause | None = Field(description="Null for an end that is nobody's fault")
    expected: bool
    certainty: Certainty | None
    before_gate: bool | None
    margin: float | None = Field(description="Gate time minus opening, in seconds")
    phases: list[str] = Field(description="The phases that ran when it was opened")
    evidence: list[Evidence]


class ListedSocket(Socket):
    """One WebSocket attempt with the boot it belongs to."""

    boot: str | None
    service: str
    environment: str
    release: str | None
    instance: str | None
    region: Text
    opened_at: datetime


class ContractPhase(BaseModel):
    """One phase of a contract."""

    name: str
    required: bool
    depends_on: list[str]
    kind: PhaseKind


class ContractInForce(BaseModel):
    """The contract that a boot is judged by; times in seconds."""

    version: int | None = Field(description="As the boot declared it; null where it declared none")
    person_version: int | None = Field(description="As a person stated it, which beats that field by field")
    phases: list[ContractPhase]
    gate: str | None
    budgets: dict[str, float]
    settle: float
    startup: float
    clock_uncertainty: float
    codes: dict[str, str]
    sources: dict[str, str] = Field(description="Whose each stated field is: `a person, version 3`")


class Exit(BaseModel):
    """How a process ended."""

    code: int | None
    signal: int | None
    by: Text


class Exposure(BaseModel):
    """From listening to ready; `to_age` is null while it lasts."""

    from_age: float
    to_age: Age


class Phase(BaseModel):
    """One run of a phase."""

    name: str
    parent: Text
    status: PhaseStatus
    kind: PhaseKind
    required: bool
    started_age: Age
    ended_age: Age
    error: Text


class Check(BaseModel):
    """One readiness check: what it waited beside what it may wait, in seconds."""

    name: str
    ok: bool
    waited: float | None
    budget: float | None
    age: float
    phase: Text


class Tally(BaseModel):
    """Openings or expected ends counted over a window of ages."""

    kind: str
    from_age: float
    to_age: float
    code: int | None
    origin: Origin | None
    count: int
    clients: int | None


class _OfBoot(BaseModel):
    id: str = Field(description="The reporter's boot id")
    service: str
    environment: str
    release: str
    instance: str
    region: Text
    state: BootState
    started_at: datetime
    listening_age: Age
    ready_age: Age = Field(description="When the gate was passed")
    claimed_ready_age: Age = Field(description="When the service said that it was ready")
    ended_age: Age
    exit: Exit | None
    exposure: Exposure | None


class Boot(_OfBoot):
    """One process life with everything that belongs to it."""

    contract: ContractInForce | None
    phases: list[Phase]
    checks: list[Check]
    sockets: list[Socket] = Field(description="By opening age")
    tallies: list[Tally]


class Counts(BaseModel):
    """How many sockets a boot had; a sampled report counts for all it stands for."""

    sockets: int
    failed: int = Field(description="Those with a cause that is not expected")
    false_starts: int


class ListedBoot(_OfBoot):
    """One process life in short."""

    counts: Counts


class Event(BaseModel):
    """One event as it was reported."""

    role: Role
    reporter: str
    seq: int | None
    id: str | None
    kind: str
    age: Age
    at: datetime | None
    received_at: datetime
    event: dict[str, Any] = Field(description="What was reported, as it is stored")


class Boots(BaseModel):
    """A page of boots, newest first."""

    items: list[ListedBoot]
    next: str | None = Field(description="Sent as `next`, it asks for the page after this; null on the last")


class Sockets(BaseModel):
    """A page of sockets, newest opening first."""

    items: list[ListedSocket]
    next: str | None


class Events(BaseModel):
    """A page of events in the order of arrival."""

    items: list[Event]
    next: str | None


class Deployment(BaseModel):
    """Somebody put a release into an environment."""

    id: int
    service: str
    environment: str
    release: str
    at: datetime
    by: Text
    url: Text
    received_at: datetime


class Deployments(BaseModel):
    """A page of deployments, newest first."""

    items: list[Deployment]
    next: str | None


class Wrong(BaseModel):
    """One thing that is wrong with a request."""

    parameter: str | None = Field(None, description="The query parameter")
    pointer: str | None = Field(None, description="RFC 6901, into the body")
    detail: str


class Problem(BaseModel):
    """An error, as RFC 9457 describes them."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Wrong] | None = None
