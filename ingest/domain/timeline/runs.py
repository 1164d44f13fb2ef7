"""Pairs the starts and ends of phases into runs."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.domain.contract import Contract
from ingest.domain.events import PhaseFinished, PhaseStarted, Reported
from ingest.domain.timeline.records import Run
from ingest.domain.words import PhaseKind, PhaseStatus


@dataclass(kw_only=True, slots=True)
class _Pair:
    name: str
    start: Reported | None
    finish: Reported | None = None

    @property
    def reports(self) -> list[Reported]:
        return [reported for reported in (self.start, self.finish) if reported is not None]

    def told(self, field: str) -> object:
        """Return what the start says of a field, else what the end says."""
        values = (getattr(reported.event, field, None) for reported in self.reports)
        return next((value for value in values if value), None)


def runs_of(told: Sequence[Reported], contract: Contract) -> tuple[Run, ...]:
    """Return the phase runs in ordered events, by place and run."""
    pairs = _pairs(told)
    places = _places(pairs, contract)
    seen: Counter[str] = Counter()
    runs = []
    for pair in pairs:
        runs.append(_run(pair, contract, run=seen[pair.name], order=places[pair.name]))
        seen[pair.name] += 1
    return tuple(sorted(runs, key=lambda run: (run.order, run.run)))


def _pairs(told: Sequence[Reported]) -> list[_Pair]:
    pairs: list[_Pair] = []
    unfinished: defaultdict[str, list[_Pair]] = defaultdict(list)
    for reported in told:
        match reported.event:
            case PhaseStarted(phase=name):
                pairs.append(_Pair(name=name, start=reported))
                unfinished[name].append(pairs[-1])
            case PhaseFinished(phase=name):
                pair = _match(unfinished[name], reported)
                if pair is None:
                    pairs.append(_Pair(name=name, start=None, finish=reported))
                else:
                    pair.finish = reported
                    unfinished[name].remove(pair)
    return pairs


def _match(unfinished: list[_Pair], finish: Reported) -> _Pair | None:
    own = [pair for pair in unfinished if pair.start and _reporter(pair.start) == _reporter(finish)]
    return next(reversed(own or unfinished), None)


def _reporter(reported: Reported) -> tuple[str, str]:
    return reported.role, reported.reporter


def _places(pairs: list[_Pair], contract: Contract) -> dict[str, int]:
    declared = [spec.name for spec in contract.phases]
    names = dict.fromkeys([*declared, *(pair.name for pair in pairs)])
    return {name: place for place, name in enumerate(names)}


def _run(pair: _Pair, contract: Contract, *, run: int, order: int) -> Run:
    spec = contract.spec(pair.name)
    end = pair.finish.event if pair.finish else None
    finished = end if isinstance(end, PhaseFinished) else None
    parent, kind, depends_on = pair.told("parent"), pair.told("phase_kind"), pair.told("depends_on")
    return Run(
        name=pair.name,
        run=run,
        order=order,
        parent=str(parent) if parent else None,
        status=finished.status if finished else PhaseStatus.RUNNING,
        kind=kind if isinstance(kind, PhaseKind) else spec.kind if spec else PhaseKind.WORK,
        required=spec.required if spec else False,
        depends_on=depends_on if isinstance(depends_on, tuple) else spec.depends_on if spec else (),
        started_age=pair.start.event.age if pair.start else None,
        ended_age=finished.age if finished else None,
        error=finished.error if finished else None,
        refs=tuple(reported.ref for reported in pair.reports),
    )
