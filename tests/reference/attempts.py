"""One socket from all who saw it, and why it failed, as section 6 of the design has it. Ages in seconds."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.reference.lives import Life
from tests.reference.telling import NEARNESS, Json, Told, guards_of, stamp

REFUSALS = {1002, 1003, 1007, 1008, 1009, 1010, 3000, 3003, *range(4000, 5000)}
TABLE = (
    "gated", "policy", "drain", "crash", "keepalive", "peer", "failed_phase", "false_start", "overload",
    "application", "unexplained",
)  # fmt: skip
REFUSED = {400, 401, 403, 404, 426}


@dataclass
class Attempt:
    """One socket, merged."""

    key: str
    told: list[Told]
    opened: float | None
    opened_by: Told | None
    ended: float | None
    ended_by: Told | None  # Whose age it is.
    ended_inside: bool  # Whether the end that counts was told by the service.
    facts: Json


@dataclass
class Why:
    """What a socket came to."""

    outcome: str
    cause: str = ""
    expected: bool = True
    certainty: str = ""
    phases: tuple[str, ...] = ()
    uncertainty: tuple[float, str] | None = None  # s, and where that comes from.


def placed(told: Told, started_at: datetime) -> Told:
    """A report by wall clock, put on the axis of a boot."""
    event = dict(told.event)
    at = {"opened_at": "opened_age", "accepted_at": "accepted_age", "ended_at": "ended_age"}
    if told.event["kind"] == "socket.opened":
        event.setdefault("opened_at", event.get("at"))
    else:
        event.setdefault("ended_at", event.get("at"))
    for wall, age in at.items():
        if event.get(wall) is not None:
            event[age] = (stamp(event[wall]) - started_at).total_seconds()
    return Told(told.role, told.reporter, event, told.instance, told.stray)


def merged(key: str, told: Iterable[Told]) -> Attempt:
    """What all who saw one socket say together; the nearest to the application counts."""
    nearest = sorted(told, key=lambda one: (-NEARNESS.index(one.role), one.order))
    ends = [one for one in nearest if one.event["kind"] != "socket.opened"]
    accepted = [one.event["accepted_age"] for one in ends if one.event.get("accepted_age") is not None]
    refused = any(one.event["kind"] == "socket.rejected" for one in ends) and not accepted
    kind = "socket.rejected" if refused else "socket.ended"
    of_kind = [one for one in ends if one.event["kind"] == kind]
    openings = [(age, n) for n, one in enumerate(nearest) for age in _openings(one.event)]
    opened, who = min(openings, default=(None, 0))
    ended, ended_by = next(
        ((age, one) for one in of_kind if (age := _end(one.event)) is not None), (None, None)
    )
    codes = [code for one in ends if (code := _code(one.event)) is not None]
    code = None if refused else next((code for code in codes if code != 1006), codes[0] if codes else None)
    origins = [one.event.get("origin", "unknown") for one in ends]
    facts = {
        "accepted": None if refused else next(iter(accepted), None),
        "code": code,
        "code_seen_by": _codes_by_role(ends),
        "status": _first(ends, "status") if refused else None,
        "origin": next((o for o in origins if o != "unknown"), origins[0] if origins else ""),
        "exception": _first(ends, "exception"),
        "reason": _first(ends, "reason") or "",
        "path": _first(nearest, "path") or "",
        "client": _first(nearest, "client") or "",
        "roles": sorted({one.role for one in nearest}),
        "stands_for": ends[0].event.get("stands_for", 1) if ends else 1,
        "outcome": "open" if not ends else "rejected" if refused else "closed",
    }
    if facts["outcome"] == "closed" and code in (None, 1006):
        facts["outcome"] = "lost"
    inside = bool(of_kind) and of_kind[0].role == "service"
    return Attempt(key, nearest, opened, nearest[who] if openings else None, ended, ended_by, inside, facts)


def _openings(event: Json) -> list[float]:
    ages = [event.get("opened_age"), event.get("age") if event["kind"] == "socket.opened" else None]
    return [age for age in ages if age is not None]


def _end(event: Json) -> float | None:
    return event["ended_age"] if event.get("ended_age") is not None else event.get("age")


def _code(event: Json) -> int | None:
    if event["kind"] != "socket.ended":
        return None
    return event.get("code") or (1000 if event.get("origin") == "app_close" else None)


def _codes_by_role(ends: list[Told]) -> dict[str, int]:
    seen: dict[str, int] = {}
    for one in ends:
        if (code := _code(one.event)) is not None:
            seen.setdefault(one.role, code)
    return seen


def _first(told: list[Told], name: str) -> Any:
    return next((one.event[name] for one in told if one.event.get(name) is not None), None)


def is_good(attempt: Attempt) -> bool:
    """Whether it ended, and nobody is to blame."""
    facts = attempt.facts
    if facts["outcome"] != "closed" or facts["origin"] in ("app_error", "keepalive"):
        return False
    return facts["code"] == 1000 or (facts["origin"] == "peer" and facts["code"] in (1001, 1005))


def judge(attempt: Attempt, life: Life, clocks: dict[str, float]) -> Why:
    """Why it failed: the first cause of the table that applies."""
    return _Judge(attempt, life, clocks).decide()


class _Judge:
    def __init__(self, attempt: Attempt, life: Life, clocks: dict[str, float]) -> None:
        self.attempt, self.life, self.clocks, self.facts = attempt, life, clocks, attempt.facts
        self.opened, self.ended, self.ended_by = attempt.opened, attempt.ended, attempt.ended_by
        self.outcome, self.left = self.facts["outcome"], False
        if self.outcome == "open" and life.exit:
            self.outcome, self.left = "lost", True
            self.ended, self.ended_by = life.exit["age"], life.exit["told"]
        elif self.outcome == "open" and life.state == "silent":
            self.outcome, self.left = "lost", True
        self.code = None if self.facts["code"] == 1006 else self.facts["code"]
        self.status, self.origin = self.facts["status"], self.facts["origin"] or "unknown"
        self.raised = self.origin == "app_error"
        self.before = None
        if self.opened is not None and life.gate_known:
            self.before = life.gate is None or self.opened < life.gate
        settle = life.contract["settle"]
        over = self.ended is not None and life.gate is not None and self.ended > life.gate + settle
        self.early = bool(self.before) and not over
        self.against: list[Told] = []  # What else was set against the socket.

    def decide(self) -> Why:
        if self.outcome == "open" or is_good(self.attempt):
            return Why(self.outcome)
        for rule in (
            self.gated, self.policy, self.drain, self.crash, self.keepalive, self.peer,
            self.failed_phase, self.false_start, self.overload, self.application,
        ):  # fmt: skip
            if (found := rule()) is not None:
                return self.why(rule.__name__, *found)
        return self.why("unexplained", False, False, False, ())

    def missed(self, cause: str) -> list[Told | None]:
        """Those by whose clocks a cause further up was ruled out by too little."""
        life, end, opened, ended = self.life, self.life.exit, self.opened, self.ended
        near: list[tuple[str, float, Told | None, Told | None]] = []
        if ended is not None and not self.left:
            if life.draining is not None and ended < life.draining and not self.early and not self.raised:
                near.append(("drain", life.draining - ended, self.ended_by, life.draining_told))
            if end and end["abnormal"] and self.broke_off():
                near.append(("crash", abs(ended - end["age"]) - 2, self.ended_by, end["told"]))
            if end and self.vanished():
                near.append(("peer", 2 - (end["age"] - ended), self.ended_by, end["told"]))
        if opened is not None and not self.broken():
            for name in set(guards_of(life.contract)):
                came = [(age, ok, told) for age, phase, ok, told in life.concluded if phase == name]
                for n, (age, ok, told) in enumerate(came):
                    mended = ok and age <= opened and n > 0 and not came[n - 1][1]
                    if mended or (not ok and age > opened):
                        near.append(("failed_phase", age - opened, self.attempt.opened_by, told))
        above = TABLE[: TABLE.index(cause)]
        return [
            one
            for other, difference, *both in near
            if other in above and self.close(difference, *both)
            for one in both
        ]

    def why(self, cause: str, expected: bool, by_gate: bool, doubtful: bool, phases: Iterable[str]) -> Why:
        missed = self.missed(cause)
        self.against += [one for one in missed if one is not None]
        doubtful = doubtful or bool(missed)
        certainty = "ambiguous" if doubtful else "certain"
        if self.opened is None or (by_gate and (self.before is None or not self.life.observed)):
            certainty = "unobserved"
        told = [self.attempt.opened_by, self.ended_by, *self.life.gate_told, *self.against]
        uncertainty, assumed = self.uncertainty(*told), self.life.contract["clock_uncertainty"]
        basis = "derived" if uncertainty > assumed else "configured"
        shown = (uncertainty, basis) if uncertainty else None
        return Why(self.outcome, cause, expected, certainty, tuple(phases), shown)

    # Clocks

    def uncertainty(self, *told: Told | None) -> float:
        clocks = {"service", *(one.clock for one in told if one is not None)}
        if clocks == {"service"}:
            return 0.0
        known = [self.clocks[clock] for clock in clocks if clock in self.clocks]
        apart = (max(known) - min(known)) / 10 if known else 0.0
        return float(max(self.life.contract["clock_uncertainty"], apart))

    def close(self, difference: float | None, *told: Told | None) -> bool:
        return difference is not None and abs(difference) < self.uncertainty(*told)

    def side_is_close(self) -> bool:
        if self.opened is None or self.life.gate is None:
            return False
        return self.close(self.life.gate - self.opened, self.attempt.opened_by, *self.life.gate_told)

    def outliving_is_close(self) -> bool:
        if self.ended is None or self.life.gate is None:
            return False
        beyond = self.ended - self.life.gate - self.life.contract["settle"]
        return self.close(beyond, self.ended_by, *self.life.gate_told)

    # Causes

    def running(self) -> list[str]:
        return [] if self.opened is None else self.life.running(self.opened)

    def broken(self) -> list[tuple[str, Told]]:
        """What the gate waits for and what had failed when it was opened."""
        if self.opened is None:
            return []
        standing, guards = self.life.standing(self.opened), dict.fromkeys(guards_of(self.life.contract))
        return [(name, standing[name][1]) for name in guards if name in standing and not standing[name][0]]

    def busy(self) -> bool:
        return self.code == 1013 or self.status in (429, 503)

    def gated(self) -> Any:
        own = self.attempt.ended_inside and self.origin == "app_close"
        if not (self.busy() and own and self.before) or self.broken():
            return None
        age = self.ended if self.ended is not None else self.opened
        expected = self.life.gate is not None or (age is not None and age <= self.life.contract["startup"])
        return expected, True, self.side_is_close(), self.running()

    def policy(self) -> Any:
        by_choice = self.origin not in ("app_error", "peer", "network", "keepalive")
        if not by_choice or self.facts["exception"] is not None:
            return None
        if self.outcome == "rejected":
            timed_out = re.search(r"\btime[d\s-]*out", self.facts["reason"], re.IGNORECASE)
            meaning = "policy" if self.status in REFUSED and not timed_out else None
        else:
            by_default = "policy" if self.code in REFUSALS or self.cut() else None
            meaning = self.life.contract["codes"].get(str(self.code), by_default)
        if meaning not in ("policy", "expected"):
            return None
        return meaning == "expected", False, bool(self.before) or self.side_is_close(), ()

    def cut(self) -> bool:
        said = str(self.facts["reason"]).startswith("dropped by the server: ")
        inside = self.attempt.ended_inside and self.accepted() and not self.left
        return said and inside and self.code is None and self.origin == "unknown"

    def drain(self) -> Any:
        end, began = self.life.exit, self.life.draining
        if self.raised:
            return None
        if self.code in (1001, 1012) and self.origin in ("app_close", "server_shutdown", "unknown"):
            return True, False, False, ()
        if self.left and end and not end["abnormal"] and (self.life.gate is not None or not self.early):
            return True, True, False, ()
        if self.early or self.ended is None:
            return None
        after = None if began is None else self.ended - began
        guessed = False
        if self.origin != "server_shutdown" and (after is None or after < 0):
            if end is not None and not end["abnormal"] and (began is None or began <= end["age"]):
                guessed = self.outcome == "lost" and 0 <= end["age"] - self.ended <= 2
            if not guessed:
                return None
        self.against = [self.life.draining_told] if self.life.draining_told else []
        close = self.close(after, self.ended_by, self.life.draining_told)
        return True, True, guessed or close or self.side_is_close(), ()

    def crash(self) -> Any:
        end = self.life.exit
        if self.left:
            return (False, False, end is None, ()) if end is None or end["abnormal"] else None
        if end is None or not end["abnormal"] or self.ended is None:
            return None
        if not self.broke_off():
            return None
        apart = abs(self.ended - end["age"])
        if apart > 2:
            return None
        self.against = [end["told"]]
        return False, False, self.close(2 - apart, self.ended_by, end["told"]), ()

    def broke_off(self) -> bool:
        passed_on = self.status in (502, 503, 504) and self.origin in ("platform", "unknown")
        return not self.raised and (self.outcome == "lost" or self.origin == "network" or passed_on)

    def keepalive(self) -> Any:
        words = re.search(r"keep-?alive|\bping\b.*\btime", self.facts["reason"], re.IGNORECASE)
        if self.origin != "keepalive" and not words:
            return None
        age = self.ended if self.ended is not None else self.opened
        return False, False, False, [] if age is None else self.life.running(age)

    def peer(self) -> Any:
        if self.accepted() and not self.left and self.code is not None:
            erred = self.origin == "peer" and self.code not in (1000, 1001, 1005)
            return (True, False, False, ()) if erred else None
        if self.ended is None or not self.vanished():
            return None
        end = self.life.exit
        until = end["age"] if end else self.life.horizon
        after = None if until is None else until - self.ended
        enough = after is not None and after >= 2
        if end and not enough:
            return None
        self.against = [end["told"]] if end else []
        close = after is not None and self.close(after - 2, self.ended_by, *self.against)
        return True, False, not enough or close, ()

    def accepted(self) -> bool:
        inside = "service" in self.facts["roles"] or self.code is not None
        return self.facts["accepted"] is not None or (self.outcome != "rejected" and inside)

    def vanished(self) -> bool:
        only_outside = not set(self.facts["roles"]) - {"client", "drill"}
        gone = self.origin in ("peer", "network") and self.code is None and not only_outside
        return gone and self.accepted() and not self.left

    def failed_phase(self) -> Any:
        broken = self.broken()
        if not broken:
            return None
        self.against = [told for _, told in broken]
        close = any(
            self.close(self.opened - told.event["age"], self.attempt.opened_by, told) for _, told in broken
        )
        return False, True, close, [name for name, _ in broken]

    def false_start(self) -> Any:
        if not self.early:
            return None
        return False, True, self.side_is_close() or self.outliving_is_close(), self.running()

    def overload(self) -> Any:
        return self.after_gate() if self.busy() else None

    def application(self) -> Any:
        raised = self.raised or self.facts["exception"] is not None
        booked = self.life.contract["codes"].get(str(self.code)) == "application"
        broke = self.code == 1011 or (self.status is not None and self.status >= 500)
        return self.after_gate() if raised or booked or broke else None

    def after_gate(self) -> Any:
        outlived = bool(self.before) and self.outliving_is_close()
        return False, True, outlived or self.side_is_close(), self.running()
