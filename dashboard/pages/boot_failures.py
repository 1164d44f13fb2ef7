"""What a phase that failed says of itself, beside what was measured. Times in seconds."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.figures.lanes import BAD
from dashboard.figures.numbers import duration, limit, plural
from dashboard.queries.boot import BootPage
from dashboard.queries.rows import PhaseRow

# A number right before a unit of time, as in `timed out after 25.0s`.
SAID = re.compile(r"(?<![\w.:-])(\d{1,9}(?:\.\d{1,9})?)\s?(ms|milliseconds?|s|secs?|seconds?|min|minutes?)\b")
SCALES = {"ms": 0.001, "mi": 0.001, "s": 1.0, "se": 1.0}  # by the first letters of a unit
MINUTE = 60.0
ABOUT_TIME = re.compile(r"time[ds]?.?out|deadline", re.IGNORECASE)
AGREES = 0.1  # of the limit: what differs by less is the same


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """A run that did not end well."""

    name: str
    parent: str
    status: str
    error: str
    took: float | None
    said: float | None  # The limit that its error text names.
    budget: str  # The configured budget of that size, by name.

    @property
    def verdict(self) -> str:
        """What the text and the measurement say together, in a sentence; nothing without both."""
        if self.said is None or self.took is None:
            return ""
        pair = f"The text says {limit(self.said)}, the phase took {duration(self.took)}."
        if self.took < self.said * (1 - AGREES):
            return f"{pair} Another limit fired."
        return pair


def failures_of(found: BootPage) -> list[Failure]:
    """Return the runs that did not end well, as they came."""
    budgets = found.contract.contract.budgets if found.contract else {}
    return [_failure(row, budgets) for row in found.phases if row.status in BAD]


def failures_title(failures: Sequence[Failure]) -> str:
    """Return the conclusion that the failures show."""
    if len(failures) != 1:
        return f"{plural(len(failures), 'phase')} did not end well"
    failure = failures[0]
    how = "timed out" if failure.status == "timeout" else "failed"
    if failure.took is None:
        return f"{failure.name} {how}"
    early = failure.verdict.endswith("fired.")
    instead = f", not after {limit(failure.said)}" if early and failure.said is not None else ""
    return f"{failure.name} {how} after {duration(failure.took)}{instead}"


def said_limit(row_status: str, error: str) -> float | None:
    """Return the one limit in seconds that the text of a timeout names; None without one, or with several."""
    if row_status != "timeout" and not ABOUT_TIME.search(error):
        return None
    named = {float(number) * _scale(unit) for number, unit in SAID.findall(error)}
    return named.pop() if len(named) == 1 else None


def _scale(unit: str) -> float:
    return MINUTE if unit.startswith("min") else SCALES[unit[:2]]


def _failure(row: PhaseRow, budgets: dict[str, float]) -> Failure:
    known = row.started_age is not None and row.ended_age is not None
    said = said_limit(row.status, row.error)
    return Failure(
        name=row.name,
        parent=row.parent,
        status=row.status,
        error=row.error,
        took=(row.ended_age or 0.0) - (row.started_age or 0.0) if known else None,
        said=said,
        budget=next((name for name, budget in budgets.items() if said is not None and budget == said), ""),
    )
