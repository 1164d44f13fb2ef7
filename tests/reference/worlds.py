"""Worlds of boots, reporters, clocks and sockets, and ways in which they may come to be told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.reference.telling import Json, Post

BEGAN = datetime(2026, 9, 16, 1, 42, tzinfo=UTC)
PHASES = ("database", "cache", "services", "finalize")

Draw = Callable[[st.SearchStrategy[Any]], Any]


@dataclass
class World:
    """What happened, and what was said of it."""

    posts: list[Post]
    statements: list[Json]  # Of a person, one after another; the last is in force.
    now: datetime


# Coarse, so that things often fall together and boundaries are hit; and all of them exact in binary.
ages = st.integers(-4, 60).map(lambda n: n / 2)
skews = st.sampled_from([0.0, 0.0, 0.0, 0.0625, 0.25, -0.75, 1.375, 3.0, -5.5, 40.0])
delays = st.sampled_from([0.015625, 0.015625, 0.125, 0.3125, 0.875, 2.5, 31.0])
phases = st.sampled_from([*PHASES, "warmup"])
statuses = st.sampled_from(["ok", "ok", "ok", "failed", "timeout", "skipped"])
origins = st.sampled_from(
    ["app_error", "app_close", "server_shutdown", "keepalive", "peer", "network", "platform", "unknown", None]
)
codes = st.sampled_from([None, 1000, 1001, 1005, 1006, 1008, 1011, 1012, 1013, 4001, 4100, 4200])
reasons = st.sampled_from(
    [None, None, "keepalive ping timeout", "timed out", "busy", "dropped by the server: bad mask"]
)

contracts = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {},
        optional={
            "phases": st.sampled_from(
                [
                    ["database", "services"],
                    ["database", {"name": "cache", "required": False}, "services", "finalize"],
                    [{"name": "database", "kind": "wait"}, {"name": "cache", "required": False}],
                ]
            ),
            "gate": st.sampled_from(["services", "cache", "absent"]),
            "settle": st.sampled_from([0.0, 2.0, 30.0]),
            "startup": st.sampled_from([2.0, 20.0]),
            "clock_uncertainty": st.sampled_from([0.0, 0.5, 4.0]),
            "codes": st.sampled_from([{"4001": "policy", "4100": "expected", "4200": "application"}]),
        },
    ),
)


def _without_nothing(event: Json) -> Json:
    return {name: value for name, value in event.items() if value is not None}


def _kind(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries({"kind": st.just(kind), **fields}).map(_without_nothing)


lifecycle = st.one_of(
    _kind("phase.started", age=ages, phase=phases, phase_kind=st.sampled_from([None, "wait"])),
    _kind("phase.finished", age=ages, phase=phases, status=statuses),
    _kind("phase.finished", age=ages, phase=phases, status=st.just("ok")),
    _kind("boot.listening", age=ages),
    _kind("boot.ready", age=ages),
    _kind("boot.degraded", age=ages, bypassed=st.lists(phases, max_size=1)),
    _kind("boot.failed", age=ages),
    _kind("boot.draining", age=ages),
    _kind("alive", age=ages),
    _kind("request.failed", age=ages, opened_age=st.one_of(st.none(), ages)),
    _kind("something.new", age=st.one_of(st.none(), ages)),
)
# A start as it should be, and signs of failure that belong together: by chance alone they are rare.
GOOD_START = [
    {"kind": "boot.listening", "age": 1.0},
    {"kind": "phase.started", "phase": "database", "age": 0.0},
    {"kind": "phase.finished", "phase": "database", "age": 2.5, "status": "ok"},
    {"kind": "phase.started", "phase": "services", "age": 2.5},
    {"kind": "phase.finished", "phase": "services", "age": 6.0, "status": "ok"},
    {"kind": "boot.ready", "age": 6.5},
]
signs = st.sampled_from(
    [
        {"code": 1013, "origin": "app_close", "accepted": True},
        {"status": 503, "origin": "app_close"},
        {"status": 503, "origin": "platform"},
        {"status": 403, "origin": "app_close"},
        {"code": 1011, "origin": "app_error", "accepted": True},
        {"code": 1011, "accepted": True},
        {"code": 4200, "origin": "app_close", "accepted": True},
        {"origin": "network", "accepted": True},
        {"code": 1001, "origin": "peer", "accepted": True},
        {"code": 3001, "origin": "peer", "accepted": True},
    ]
)
exits = _kind(
    "boot.exited",
    age=ages,
    code=st.sampled_from([None, 0, 1, 137, 143, -11]),
    signal=st.sampled_from([None, None, 9, 15]),
    by=st.sampled_from([None, "probe", "platform"]),
)


@st.composite
def sockets(draw: Draw, owner: str, *, stray: bool) -> Json:
    """A socket event; its times are ages, also where they will be told by wall clock."""
    kind = draw(st.sampled_from(["socket.opened", "socket.ended", "socket.ended", "socket.rejected", ""]))
    if not kind:
        telling: Json = draw(_telling(owner))
        return telling
    opened = draw(ages)
    known = draw(st.booleans()) or stray
    event: Json = {"kind": kind, "socket": draw(st.sampled_from([None, f"{owner}-1", f"{owner}-2"]))}
    event |= {"client": draw(st.sampled_from([None, "h:1"])), "path": draw(st.sampled_from([None, "/ws"]))}
    if kind == "socket.opened":
        return _without_nothing(event | ({"opened_age": opened} if known else {"age": opened}))
    event |= {"origin": draw(origins), "reason": draw(reasons), "opened_age": opened if known else None}
    event["exception"] = draw(st.sampled_from([None, None, "KeyError"]))
    if known:
        event["ended_age"] = draw(st.sampled_from([None, opened, opened + 0.5, opened + 2.0, opened + 12.0]))
    else:
        event["age"] = opened + draw(st.sampled_from([0.0, 0.5, 12.0]))
    if kind == "socket.rejected":
        event["status"] = draw(st.sampled_from([None, 403, 429, 500, 503]))
    else:
        event["accepted_age"] = draw(st.sampled_from([None, opened]))
        event["code"] = draw(codes)
        event["stands_for"] = draw(st.sampled_from([None, None, 5]))
    return _without_nothing(event)


@st.composite
def _telling(draw: Draw, owner: str) -> Json:
    """An end whose code, origin and accept fit together."""
    opened = draw(st.sampled_from([0.5, 2.0, 5.5, 6.0, 6.5, 20.0]))
    sign = dict(draw(signs))
    kind = "socket.rejected" if "status" in sign else "socket.ended"
    accepted = {"accepted_age": opened} if sign.pop("accepted", False) else {}
    ages = {"opened_age": opened, "ended_age": opened + draw(st.sampled_from([0.5, 3.0, 12.0]))}
    return {
        "kind": kind,
        "socket": draw(st.sampled_from([f"{owner}-1", f"{owner}-3"])),
        **ages,
        **accepted,
        **sign,
    }


@st.composite
def worlds(draw: Draw) -> World:
    """One to three boots and up to two browsers, with everything that they post."""
    posts: list[Post] = []
    count = draw(st.integers(1, 3))
    for n in range(count):
        began = BEGAN + timedelta(seconds=draw(st.sampled_from([0.0, 0.0, 12.5, 40.0])))
        posts += draw(_boot_posts(f"b{n}", began))
    for n in range(draw(st.integers(0, 2))):
        posts += draw(_stray_posts(f"tab-{n}", [f"b{m}" for m in range(count)]))
    statements = draw(st.lists(contracts.map(lambda stated: stated or {}), max_size=2))
    after = draw(st.sampled_from([15.0, 400.0]))
    return World(posts, statements, BEGAN + timedelta(seconds=75.25 + after))


@st.composite
def _boot_posts(draw: Draw, ident: str, began: datetime) -> list[Post]:
    own_skew, instance = draw(skews), draw(st.sampled_from([None, "i1", "i2"]))
    declared = draw(st.lists(contracts, min_size=1, max_size=2))
    posts: list[Post] = []
    outside = draw(st.lists(st.sampled_from(["sidecar", "log", "gateway", "drill"]), max_size=2, unique=True))
    for name in ["probe", *outside]:
        role = "service" if name in ("probe", "sidecar") else name
        skew = own_skew if role == "service" else draw(skews)
        of_life = st.one_of(lifecycle, lifecycle, exits) if role != "drill" else lifecycle
        told = draw(st.lists(st.one_of(of_life, of_life, sockets(ident, stray=False)), max_size=9))
        started = draw(st.sampled_from([[], GOOD_START])) if name == "probe" else []
        events = [{"seq": seq, **event} for seq, event in enumerate([*started, *told], 1)]
        for number, part in enumerate(draw(_cut(events))):
            # Nobody but `number` and the reporter tells these apart: what is said at one age is one thing.
            age = 30.0 + number + {"probe": 0.0, "sidecar": 0.5}.get(name, 0.25)
            facts: Json = {"id": ident}
            if draw(st.booleans()):
                facts["started_at"] = _at(began, own_skew)
            if role == "service" or draw(st.booleans()):
                stated = draw(st.sampled_from(declared))
                facts |= {} if stated is None else {"contract": stated}
            resource = {"service.version": draw(st.sampled_from(["r1", "r2"]))} if role == "service" else {}
            resource |= {"service.instance.id": instance} if instance and role == "service" else {}
            posts.append(_post(draw, role, name, resource, part, began + timedelta(seconds=age), skew))
            posts[-1].document.update(boot=facts, sent_age=age)
    return posts


@st.composite
def _stray_posts(draw: Draw, name: str, boots: list[str]) -> list[Post]:
    skew = draw(skews)
    owner = st.sampled_from([*boots, name])
    told = draw(st.lists(owner.flatmap(lambda one: sockets(one, stray=True)), min_size=1, max_size=4))
    walls = {"opened_age": "opened_at", "accepted_age": "accepted_at", "ended_age": "ended_at"}
    events = []
    for number, event in enumerate(told):
        at = {
            walls[age]: _at(BEGAN + timedelta(seconds=event.pop(age)), skew) for age in walls if age in event
        }
        events.append({"id": f"{number}", **event, **at})
    named = draw(st.sampled_from([{}, {}, {"service.instance.id": "i1"}]))
    parts = draw(_cut(events))
    return [
        _post(draw, "client", name, named, part, BEGAN + timedelta(seconds=50.0 + n), skew)
        for n, part in enumerate(parts)
    ]


@st.composite
def _cut(draw: Draw, events: list[Json]) -> list[list[Json]]:
    """Events in any order, in up to three batches."""
    told = draw(st.permutations(events))
    cuts = sorted(draw(st.lists(st.integers(0, len(told)), max_size=2)))
    return [told[a:b] for a, b in zip([0, *cuts], [*cuts, len(told)], strict=True)]


def _post(
    draw: Draw, role: str, name: str, resource: Json, events: list[Json], sent: datetime, skew: float
) -> Post:
    document: Json = {
        "v": 1,
        "reporter": {"role": role, "name": name},
        "resource": {"service.name": "chat", **resource},
        "sent_at": _at(sent, skew),
        "events": events,
    }
    return Post(document, sent + timedelta(seconds=draw(delays)))


def _at(moment: datetime, skew: float) -> str:
    """A moment as a clock tells it that is behind ours by so many seconds."""
    return (moment - timedelta(seconds=skew)).isoformat()
