"""Evidence, row by row: each number with its unit, where it comes from, and the events it rests on."""

from collections.abc import Iterable

from ingest.domain.causes.case import Case
from ingest.domain.causes.records import Evidence
from ingest.domain.contract import Contract
from ingest.domain.page_state import in_words
from ingest.domain.sockets import SocketFacts
from ingest.domain.timeline import Conclusion, Timeline, running_at
from ingest.domain.words import Basis, Outcome

BEFORE_ANY = "before any phase"  # nothing had started yet, or the process was not even there
BETWEEN = "between phases"  # something had run, nothing was running


def common(case: Case) -> tuple[Evidence, ...]:
    """Return what every cause carries: the socket's own facts, and where the gate was."""
    socket = case.socket
    opened = (socket.opened_ref,) if socket.opened_ref else ()
    rows = [
        measured("opened", case.opened, opened),
        measured("ended", case.ended, (case.ended_age_ref,) if case.ended_age_ref else ()),
        _sign(case),
        Evidence(name="origin", value=str(case.origin), basis=Basis.MEASURED, events=case.ended_refs),
        derived("gate", case.timeline.ready_age, case.timeline.gate_refs),
        derived("margin", case.margin, (*opened, *case.timeline.gate_refs)),
    ]
    if case.opened is not None:
        rows.append(running("running", case.timeline, case.opened))
    return (*rows, *page(socket))


def page(socket: SocketFacts) -> tuple[Evidence, ...]:
    """Return what the page that opened it saw of itself at its end, in words."""
    if socket.page is None:
        return ()
    events = (socket.page_ref,) if socket.page_ref else ()
    return (said("page", in_words(socket.page) or None, events),)


def clocks(case: Case, *refs: str | None) -> tuple[Evidence, ...]:
    """Return by how much the comparison of these events may be wrong, and why; nothing within one process."""
    uncertainty, told = case.uncertainty(*refs), case.told_by(*refs)
    if uncertainty == 0:
        return ()
    if uncertainty <= case.timeline.contract.clock_uncertainty:
        return (configured("clock_uncertainty", case.timeline.contract),)
    offsets = case.clocks.known(told)
    return (
        derived("clock_uncertainty", uncertainty),
        *(derived(f"clock offset of {clock}", offset) for clock, offset in offsets.items()),
    )


def _sign(case: Case) -> Evidence:
    if case.outcome is Outcome.REJECTED:
        return Evidence(name="status", value=case.status, basis=Basis.MEASURED, events=case.ended_refs)
    return Evidence(name="code", value=case.code, basis=Basis.MEASURED, events=case.ended_refs)


def measured(name: str, seconds: float | None, events: Iterable[str] = ()) -> Evidence:
    """Return a number of seconds that somebody observed."""
    return Evidence(name=name, value=seconds, unit="s", basis=Basis.MEASURED, events=tuple(events))


def derived(name: str, seconds: float | None, events: Iterable[str] = ()) -> Evidence:
    """Return a number of seconds computed from others."""
    return Evidence(name=name, value=seconds, unit="s", basis=Basis.DERIVED, events=tuple(events))


def configured(name: str, contract: Contract) -> Evidence:
    """Return a number of seconds of the contract in force, and who set it."""
    return fixed(name, getattr(contract, name), contract.source(name))


def fixed(name: str, seconds: float, source: str = "fixed") -> Evidence:
    """Return a number of seconds that is set, and by whom."""
    return Evidence(name=name, value=seconds, unit="s", basis=Basis.CONFIGURED, source=source)


def said(name: str, value: str | None, events: Iterable[str]) -> Evidence:
    """Return words that a reporter used."""
    return Evidence(name=name, value=value, basis=Basis.MEASURED, events=tuple(events))


def running(name: str, timeline: Timeline, age: float) -> Evidence:
    """Return which phases were running at an age, in words."""
    names = running_at(timeline, age)
    refs = [ref for run in timeline.runs if run.name in names for ref in run.refs]
    begun = any(_seen_by(run.started_age, age) or _seen_by(run.ended_age, age) for run in timeline.runs)
    words = ", ".join(names) or (BETWEEN if begun else BEFORE_ANY)
    return Evidence(name=name, value=words, basis=Basis.DERIVED, events=tuple(dict.fromkeys(refs)))


def _seen_by(moment: float | None, age: float) -> bool:
    return moment is not None and moment <= age


def exited(timeline: Timeline) -> tuple[Evidence, ...]:
    """Return how the boot ended, if it did."""
    if timeline.exit is None:
        return ()
    end = timeline.exit
    told = {"exit code": end.code, "exit signal": end.signal}
    return (
        measured("exit", end.age, end.refs),
        *(
            Evidence(name=name, value=value, basis=Basis.MEASURED, events=end.refs)
            for name, value in told.items()
            if value is not None
        ),
    )


def failed(conclusions: Iterable[Conclusion]) -> tuple[Evidence, ...]:
    """Return, for each failed phase, what it came to and when."""
    return tuple(
        row
        for conclusion in conclusions
        for row in (
            said(f"{conclusion.name} status", conclusion.word, (conclusion.ref,)),
            measured(f"{conclusion.name} ended", conclusion.age, (conclusion.ref,)),
        )
    )


def booked(code: int | None, contract: Contract) -> Evidence:
    """Return what the contract's code book says of a close code, and who wrote it."""
    return Evidence(
        name=f"code book {code}",
        value=contract.codes[str(code)],
        basis=Basis.CONFIGURED,
        source=contract.source("codes"),
    )
