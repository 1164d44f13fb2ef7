"""What was told: documents as they were posted, taken apart into boots, events, clocks and contracts.

This package says what the design means, in plain dictionaries and the obvious loops. It shares no code
with the product, so that the two can be held against each other.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

Json = dict[str, Any]

NEARNESS = ("client", "log", "gateway", "drill", "service")  # to the application, the furthest first
RANK = ("service", "client", "gateway", "log", "drill")  # of what happened at the same age
DEFAULTS = {"settle": 10.0, "startup": 240.0, "clock_uncertainty": 1.0}
SOCKETS = ("socket.opened", "socket.ended", "socket.rejected")


@dataclass(frozen=True)
class Post:
    """One document as somebody posted it, and when it arrived."""

    document: Json
    received_at: datetime


@dataclass
class Told:
    """One event with its reporter."""

    role: str
    reporter: str
    event: Json
    instance: str | None  # As named by a batch without a boot.
    stray: bool  # Whether its batch named no boot.

    @property
    def clock(self) -> str:
        """All reporters inside a process read one clock; everybody else has one of its own."""
        return "service" if self.role == "service" else f"{self.role}@{self.reporter}"

    @property
    def number(self) -> str:
        return str(self.event["id"] if self.stray else self.event["seq"])

    @property
    def key(self) -> str:
        """The socket that it is about."""
        return str(self.event.get("socket") or f"~{self.role}/{self.reporter}#{self.number}")

    @property
    def order(self) -> tuple[Any, ...]:
        age = happened(self.event)
        return (
            float("inf") if age is None else age,
            RANK.index(self.role),
            self.event.get("seq") or 0,
            self.reporter,
            self.event.get("id") or "",
        )


@dataclass
class Boot:
    """All that was told of one boot."""

    ident: str
    facts: Json  # The envelope of the batch that says what it is.
    events: list[Told] = field(default_factory=list)  # In their one order.
    clocks: dict[str, float] = field(default_factory=dict)  # In tenths of a second, by clock.
    offset: float | None = None  # s, of the service's clock.

    @property
    def started_at(self) -> datetime:
        return started_at(self.facts)

    @property
    def instance(self) -> str:
        return str(self.facts["resource"].get("service.instance.id") or self.ident)


def boots_of(posts: Iterable[Post]) -> dict[str, Boot]:
    """Every boot that was ever named, by its id."""
    by_boot: dict[str, list[Post]] = {}
    for post in posts:
        if "boot" in post.document:
            by_boot.setdefault(post.document["boot"]["id"], []).append(post)
    return {ident: _boot(ident, told) for ident, told in by_boot.items()}


def _boot(ident: str, posts: list[Post]) -> Boot:
    boot = Boot(ident, facts=max((post.document for post in posts), key=_statement))
    boot.events = sorted(_once(posts, stray=False), key=lambda told: told.order)
    boot.clocks = clocks_of(posts)
    offsets = [offset for post in posts if _role(post) == "service" and (offset := _offset(post)) is not None]
    boot.offset = min(offsets, default=None)
    return boot


def _statement(document: Json) -> tuple[Any, ...]:
    """Of what is said of a boot the nearest to the application counts, and of that the latest."""
    implied = "started_at" not in document["boot"] and "sent_at" in document
    age = document.get("sent_age")
    return (
        NEARNESS.index(document["reporter"]["role"]),
        age is not None,
        age if age is not None else 0.0,
        document["sent_at"] if implied else "",
    )


def started_at(document: Json) -> datetime:
    if "started_at" in document["boot"]:
        return stamp(document["boot"]["started_at"])
    return stamp(document["sent_at"]) - timedelta(seconds=document.get("sent_age") or 0.0)


def strays_of(posts: Iterable[Post]) -> list[Told]:
    """Every socket event of a batch that named no boot."""
    told = _once([post for post in posts if "boot" not in post.document], stray=True)
    return [one for one in told if one.event["kind"] in SOCKETS]


def _once(posts: list[Post], *, stray: bool) -> list[Told]:
    """Each identity once; nobody here says two things under one."""
    found: dict[Any, Told] = {}
    for post in posts:
        reporter, instance = post.document["reporter"], post.document["resource"].get("service.instance.id")
        for event in post.document["events"]:
            number = event["id"] if stray else (reporter["role"], event["seq"])
            told = Told(reporter["role"], reporter["name"], event, instance if stray else None, stray)
            found[reporter["name"], number] = told
    return list(found.values())


def clocks_of(posts: Iterable[Post]) -> dict[str, float]:
    """How far each reporter's clock seems to be from ours: least receipt minus `sent_at`, in tenths."""
    least: dict[str, float] = {}
    for post in posts:
        role, name = _role(post), post.document["reporter"]["name"]
        clock = "service" if role == "service" else f"{role}@{name}"
        if (offset := _offset(post)) is not None:
            least[clock] = min(offset, least.get(clock, offset))
    return {clock: offset * 10 // 1 for clock, offset in least.items()}


def _role(post: Post) -> str:
    return str(post.document["reporter"]["role"])


def _offset(post: Post) -> float | None:
    if "sent_at" not in post.document:
        return None
    return (post.received_at - stamp(post.document["sent_at"])).total_seconds()


def contract_of(person: Json | None, declared: Json | None) -> Json:
    """The contract in force: field by field a person's value, else the declared one, else the default."""
    merged = {**(declared or {}), **(person or {})}
    phases = [{"name": p} if isinstance(p, str) else p for p in merged.get("phases", [])]
    required = [phase["name"] for phase in phases if phase.get("required", True)]
    gate = merged.get("gate") or (required[-1] if required else None)
    whose = {
        name: "a person" if name in (person or {}) else "declared" if name in (declared or {}) else "default"
        for name in ("settle", "startup", "clock_uncertainty")
    }
    return {**DEFAULTS, "codes": {}, **merged, "phases": phases, "gate": gate, "whose": whose}


def guards_of(contract: Json) -> list[str]:
    """The phases that the gate waits for, and the gate itself."""
    if contract["gate"] is None:
        return []
    names = [phase["name"] for phase in contract["phases"]]
    before = names[: names.index(contract["gate"])] if contract["gate"] in names else names
    required = {phase["name"] for phase in contract["phases"] if phase.get("required", True)}
    return [*(name for name in before if name in required), contract["gate"]]


def happened(event: Json) -> float | None:
    """The age at which an event happened."""
    names = {
        "socket.opened": ("age", "opened_age"),
        "socket.ended": ("age", "ended_age", "opened_age"),
        "socket.rejected": ("age", "ended_age", "opened_age"),
        "sockets.opened": ("age", "to_age"),
        "sockets.ended": ("age", "to_age"),
    }.get(event["kind"], ("age",))
    return next((event[name] for name in names if event.get(name) is not None), None)


def stamp(text: str) -> datetime:
    return datetime.fromisoformat(text)
