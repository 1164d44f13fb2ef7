"""One boot's life, as sections 2 and 6 of the design have it. Ages in seconds."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.reference.telling import Boot, Json, Told, guards_of, happened

SILENCE = 30.0
ASKED_TO_STOP = (1, 2, 15)


@dataclass
class Life:
    """What became of a boot."""

    boot: Boot
    contract: Json
    runs: list[Json]
    concluded: list[tuple[float, str, bool, Told]]  # Age, phase, whether it ended well, who says so.
    gate: float | None
    gate_told: list[Told]  # Those that opened the gate, or keep it shut.
    observed: bool
    listening: float | None
    claimed: float | None
    draining: float | None
    draining_told: Told | None
    draining_said: bool
    exit: Json | None
    exposure: tuple[float, float | None] | None
    horizon: float | None
    state: str

    @property
    def gate_known(self) -> bool:
        return self.contract["gate"] is not None or self.gate is not None

    def running(self, age: float) -> list[str]:
        """The phases that ran at an age, in their places."""
        names = [
            run["name"]
            for run in self.runs
            if run["started"] is not None
            and run["started"] <= age
            and (run["ended"] is None or run["ended"] > age)
        ]
        return list(dict.fromkeys(names))

    def standing(self, age: float) -> dict[str, tuple[bool, Told]]:
        """What each phase had come to at an age."""
        return {name: (ok, told) for when, name, ok, told in self.concluded if when <= age}


def live(boot: Boot, contract: Json, now: datetime) -> Life:
    """Work out a boot's life as it stands now."""
    told = boot.events
    concluded = _concluded(told)
    gate, gate_told, observed = _gate(told, concluded, contract)
    exit_ = _exit(told)
    said = {kind: [one for one in told if one.event["kind"] == f"boot.{kind}"] for kind in _TURNS}
    listening = min([*_served(told), *(one.event["age"] for one in said["listening"])], default=None)
    horizon = max((age for one in told if (age := happened(one.event)) is not None), default=None)
    draining_told = said["draining"][0] if said["draining"] else None
    draining = draining_told.event["age"] if draining_told else None
    if draining_told is None and exit_ and not exit_["abnormal"]:
        draining, draining_told = exit_["age"], exit_["told"]
    life = Life(
        boot=boot,
        contract=contract,
        runs=_runs(told, contract),
        concluded=concluded,
        gate=gate,
        gate_told=gate_told,
        observed=observed,
        listening=listening,
        claimed=said["ready"][0].event["age"] if said["ready"] else None,
        draining=draining,
        draining_told=draining_told,
        draining_said=bool(said["draining"]),
        exit=exit_,
        exposure=_exposure(contract, listening, gate, exit_),
        horizon=horizon,
        state="",
    )
    promised = any(one.event["kind"] == "alive" for one in told)
    present = (now - boot.started_at).total_seconds() - (boot.offset or 0.0)
    silent = promised and horizon is not None and present - horizon > SILENCE
    life.state = _state(life, silent=silent, failed=bool(said["failed"]), degraded=bool(said["degraded"]))
    return life


_TURNS = ("listening", "ready", "degraded", "failed", "draining", "exited")


def _served(told: list[Told]) -> list[float]:
    kinds = ("socket.opened", "socket.ended", "socket.rejected", "request.failed")
    inside = [one.event for one in told if one.role == "service" and one.event["kind"] in kinds]
    ages = [event.get("opened_age", event.get("age")) for event in inside]
    return [age for age in ages if age is not None]


def _runs(told: list[Told], contract: Json) -> list[Json]:
    runs: list[Json] = []
    for one in told:
        event = one.event
        if event["kind"] == "phase.started":
            runs.append({"name": event["phase"], "start": one, "end": None})
        elif event["kind"] == "phase.finished":
            waiting = [run for run in runs if run["name"] == event["phase"] and run["end"] is None]
            own = [run for run in waiting if _same_reporter(run["start"], one)]
            if waiting:
                (own or waiting)[-1]["end"] = one
            else:
                runs.append({"name": event["phase"], "start": None, "end": one})
    declared = [phase["name"] for phase in contract["phases"]]
    places = list(dict.fromkeys([*declared, *(run["name"] for run in runs)]))
    counts: dict[str, int] = {}
    for run in runs:
        run["run"] = counts[run["name"]] = counts.get(run["name"], -1) + 1
        _describe(run, places, contract)
    return sorted(runs, key=lambda run: (run["order"], run["run"]))


def _same_reporter(one: Told, other: Told) -> bool:
    return (one.role, one.reporter) == (other.role, other.reporter)


def _describe(run: Json, places: list[str], contract: Json) -> None:
    start = run["start"].event if run["start"] else {}
    end = run["end"].event if run["end"] else {}
    spec = next((phase for phase in contract["phases"] if phase["name"] == run["name"]), None)
    run |= {
        "order": places.index(run["name"]),
        "status": end.get("status", "running"),
        "started": start.get("age"),
        "ended": end.get("age"),
        "error": end.get("error") or "",
        "parent": start.get("parent") or end.get("parent") or "",
        "kind": start.get("phase_kind") or (spec or {}).get("kind", "work"),
        "required": spec is not None and spec.get("required", True),
    }


def _concluded(told: list[Told]) -> list[tuple[float, str, bool, Told]]:
    found = []
    for one in told:
        event = one.event
        if event["kind"] == "phase.finished":
            found.append((event["age"], event["phase"], event["status"] == "ok", one))
        if event["kind"] == "boot.degraded":
            found += [(event["age"], name, False, one) for name in event.get("bypassed", [])]
    return found


def _gate(
    told: list[Told], concluded: list[tuple[float, str, bool, Told]], contract: Json
) -> tuple[float | None, list[Told], bool]:
    """When the gate was passed, who says so, and whether that could be seen."""
    if contract["gate"] is None:
        claims = [one for one in told if one.event["kind"] == "boot.ready"]
        return (claims[0].event["age"] if claims else None), claims[:1], True
    guards = guards_of(contract)
    named = [one.event["phase"] for one in told if one.event["kind"].startswith("phase.")]
    seen = {*named, *(name for _, name, _, _ in concluded)}
    ended = any(ok and name == contract["gate"] for _, name, ok, _ in concluded)
    observed = bool(named) and not (ended and set(guards) - seen)
    for count in range(1, len(concluded) + 1):
        standing = {name: (ok, one) for _, name, ok, one in concluded[:count] if name in guards}
        if len(standing) == len(set(guards)) and all(ok for ok, _ in standing.values()):
            return concluded[count - 1][0], [one for _, one in standing.values()], observed
    standing = {name: (ok, one) for _, name, ok, one in concluded if name in guards}
    return None, [one for _, one in standing.values()], observed


def _exit(told: list[Told]) -> Json | None:
    exits = [one for one in told if one.event["kind"] == "boot.exited"]
    if not exits:
        return None

    def first(name: str) -> Any:
        return next((one.event[name] for one in exits if one.event.get(name) is not None), None)

    code, signal = first("code"), first("signal")
    if signal is None and code is not None and code < 0:
        signal = -code
    if signal is None and code is not None and 128 < code <= 192:
        signal = code - 128
    abnormal = signal not in ASKED_TO_STOP if signal is not None else code not in (None, 0)
    known = {"code": code, "signal": signal, "by": first("by"), "abnormal": abnormal}
    return {"age": exits[0].event["age"], "told": exits[0], **known}


def _exposure(
    contract: Json, listening: float | None, gate: float | None, exit_: Json | None
) -> tuple[float, float | None] | None:
    if listening is None or (contract["gate"] is None and gate is None):
        return None
    ends = [age for age in (gate, exit_["age"] if exit_ else None) if age is not None]
    if ends and min(ends) <= listening:
        return None
    return listening, min(ends, default=None)


def _state(life: Life, *, silent: bool, failed: bool, degraded: bool) -> str:  # noqa: C901, PLR0911
    end, contract = life.exit, life.contract
    passed = life.gate is not None and (end is None or life.gate <= end["age"])
    shut = (contract["gate"] is not None or life.gate is not None or failed) and not passed
    latest = life.standing(float("inf"))
    broken = [name for name, (ok, _) in latest.items() if not ok]
    required = {phase["name"] for phase in contract["phases"] if phase.get("required", True)}
    if end is not None:
        forced = end["signal"] is not None or end["by"] in ("probe", "platform")
        if shut and forced:
            return "killed"
        if not shut and not passed and end["signal"] is not None and end["abnormal"]:
            return "killed"
        if shut or (end["abnormal"] and not passed):
            return "failed"
        return "crashed" if end["abnormal"] else "stopped"
    if failed and not passed and life.listening is None:
        return "failed"
    if silent:
        return "silent"
    if life.draining_said:
        return "draining"
    if passed and (broken or degraded or (failed and contract["gate"] is None)):
        return "degraded"
    if passed:
        return "ready"
    if life.listening is not None and (failed or set(broken) & {*required, *guards_of(contract)}):
        return "failed_serving"
    return "starting"
