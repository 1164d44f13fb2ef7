"""Labelled synthetic boots with a seed, shared by tests and benchmarks: every cause, every state."""

from random import Random

from ingest.domain.scenarios.ends import ENDS
from ingest.domain.scenarios.script import (
    CONTRACT,
    NO_CONTRACT,
    Scenario,
    Script,
    attributions_of,
    timeline_of,
)
from ingest.domain.scenarios.starts import STARTS

__all__ = [
    "CONTRACT",
    "NO_CONTRACT",
    "Scenario",
    "Script",
    "attributions_of",
    "scenarios",
    "timeline_of",
]


def scenarios(seed: int) -> list[Scenario]:
    """Return one boot of every kind; the seed varies how long their phases take."""
    return [write(Random(f"{seed}/{n}")) for n, write in enumerate((*STARTS, *ENDS))]  # noqa: S311
