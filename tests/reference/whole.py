"""Everything that posts come to: boots, their sockets, and the sockets that found no boot."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.reference import attempts, lives
from tests.reference.attempts import Attempt, Why
from tests.reference.lives import Life
from tests.reference.telling import Json, Post, Told, boots_of, clocks_of, contract_of, stamp, strays_of

Rows = dict[str, dict[Any, Any]]
LONG = timedelta(seconds=lives.SILENCE)


def understood(posts: Sequence[Post], person: Json | None, now: datetime) -> Rows:
    """What the product should have recorded by now: boots, phases and sockets by their names."""
    told = {
        ident: lives.live(boot, contract_of(person, boot.facts["boot"].get("contract")), now)
        for ident, boot in boots_of(posts).items()
    }
    foreign = clocks_of([post for post in posts if "boot" not in post.document])
    found: Rows = {"boots": {}, "phases": {}, "sockets": {}}
    homes, homeless = _homes(strays_of(posts), told, foreign)
    for ident, life in told.items():
        found["boots"][ident] = _boot(life)
        found["phases"] |= {(ident, run["name"], run["run"]): _run(run) for run in life.runs}
        for key, reports in _sockets(life, homes.get(ident, [])).items():
            found["sockets"][ident, key] = _socket(life, attempts.merged(key, reports), foreign)
    for key, (reports, candidates) in homeless.items():
        found["sockets"][None, key] = _stray(attempts.merged(key, reports), candidates)
    return found


def _sockets(life: Life, given: Iterable[Told]) -> dict[str, list[Told]]:
    by_key: dict[str, list[Told]] = {}
    for told in life.boot.events:
        if told.event["kind"].startswith("socket."):
            by_key.setdefault(told.key, []).append(told)
    for told in given:
        by_key.setdefault(told.key, []).append(attempts.placed(told, life.boot.started_at))
    return by_key


def _homes(
    strays: list[Told], told: dict[str, Life], foreign: dict[str, float]
) -> tuple[dict[str, list[Told]], dict[str, tuple[list[Told], list[str]]]]:
    """The boots that strays belong to, and those that belong to none, with the boots that it could be."""
    by_key: dict[str, list[Told]] = {}
    for one in strays:
        by_key.setdefault(one.key, []).append(one)
    homes: dict[str, list[Told]] = {}
    homeless: dict[str, tuple[list[Told], list[str]]] = {}
    for key, reports in by_key.items():
        owners = [
            ident
            for ident, life in told.items()
            if any(one.event.get("socket") == key for one in _seen(life))
        ]
        candidates = [ident for ident, life in told.items() if _may_be_of(life, reports, foreign)]
        if owners or len(candidates) == 1:
            homes.setdefault((owners or candidates)[0], []).extend(reports)
        else:
            homeless[key] = reports, candidates
    return homes, homeless


def _seen(life: Life) -> list[Told]:
    return [one for one in life.boot.events if one.event["kind"].startswith("socket.")]


def _may_be_of(life: Life, reports: list[Told], foreign: dict[str, float]) -> bool:
    """Whether a boot, of the named instance if one is named, may have lived in the interval of the socket."""
    named = {one.instance for one in reports if one.instance}
    if named and life.boot.instance not in named:
        return False
    names = ("at", "opened_at", "accepted_at", "ended_at")
    stamps = [stamp(one.event[name]) for one in reports for name in names if one.event.get(name)]
    clocks = [foreign[one.clock] for one in reports if one.clock in foreign]
    clocks += [life.boot.offset * 10 // 1] if life.boot.offset is not None else []
    apart = (max(clocks) - min(clocks)) / 10 if clocks else 0.0
    slack = timedelta(seconds=max(life.contract["clock_uncertainty"], apart))
    began, ended = life.boot.started_at, None
    if life.exit:
        ended = began + timedelta(seconds=life.exit["age"])
    elif life.state == "silent":
        ended = began + timedelta(seconds=life.horizon or 0.0) + LONG
    return began - slack <= max(stamps) and (ended is None or min(stamps) <= ended + slack)


def _boot(life: Life) -> Json:
    resource, end = life.boot.facts["resource"], life.exit or {}
    return {
        "release": resource.get("service.version", "unknown"),
        "instance": life.boot.instance,
        "parent": life.boot.facts["boot"].get("parent") or "",
        "started_at": life.boot.started_at,
        "declared": life.boot.facts["boot"].get("contract"),
        "state": life.state,
        "observed": life.observed,
        "listening": life.listening,
        "gate": life.gate,
        "claimed": life.claimed,
        "draining": life.draining,
        "ended": end.get("age"),
        "exit": (end.get("code"), end.get("signal"), end.get("by") or ""),
        "exposure": life.exposure or (None, None),
    }


def _run(run: Json) -> Json:
    names = ("order", "parent", "status", "kind", "required", "started", "ended", "error")
    return {name: run[name] for name in names}


def _socket(life: Life, attempt: Attempt, foreign: dict[str, float]) -> Json:
    clocks = dict(foreign)
    for clock, offset in life.boot.clocks.items():
        clocks[clock] = min(offset, clocks.get(clock, offset))
    why = attempts.judge(attempt, life, clocks)
    known = attempt.opened is not None and life.gate_known
    before = (
        (life.gate is None or attempt.opened < life.gate) if known and attempt.opened is not None else None
    )
    margin = life.gate - attempt.opened if life.gate is not None and attempt.opened is not None else None
    borrowed = all(one.stray for one in attempt.told)
    guessed = borrowed and not any(one.instance for one in attempt.told)
    certainty = "ambiguous" if guessed and why.certainty == "certain" else why.certainty
    return {
        **_merged(attempt, why),
        "certainty": certainty,
        "before_gate": before,
        "margin": margin,
        "borrowed": borrowed,
        "guessed": guessed and bool(why.cause),
        "uncertainty": why.uncertainty,
        "candidates": None,
        "settle": life.contract["whose"]["settle"],
    }


def _stray(attempt: Attempt, candidates: list[str]) -> Json:
    failed = attempt.facts["outcome"] != "open" and not attempts.is_good(attempt)
    why = Why(attempt.facts["outcome"])
    if failed:
        why = Why(why.outcome, "unattributed", False, "unobserved")
    return {
        **_merged(attempt, why),
        "certainty": why.certainty,
        "before_gate": None,
        "margin": None,
        "borrowed": False,
        "guessed": False,
        "uncertainty": None,
        "candidates": (", ".join(sorted(candidates)) or None) if failed else None,
        "settle": None,
    }


def _merged(attempt: Attempt, why: Why) -> Json:
    names = ("code", "code_seen_by", "status", "origin", "reason", "path", "client", "roles", "stands_for")
    return {
        **{name: attempt.facts[name] for name in names},
        "opened": attempt.opened,
        "accepted": attempt.facts["accepted"],
        "ended": attempt.ended,
        "outcome": why.outcome,
        "cause": why.cause,
        "expected": why.expected,
        "phases": list(why.phases),
    }
