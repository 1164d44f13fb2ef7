"""One boot's events as an ordered timeline: phases, checks, gate, exposure, end, state."""

from ingest.domain.timeline.build import LATE, SILENCE, build, running_at
from ingest.domain.timeline.gate import latest
from ingest.domain.timeline.records import CheckResult, Conclusion, Exit, Run, Timeline

__all__ = [
    "LATE",
    "SILENCE",
    "CheckResult",
    "Conclusion",
    "Exit",
    "Run",
    "Timeline",
    "build",
    "latest",
    "running_at",
]
