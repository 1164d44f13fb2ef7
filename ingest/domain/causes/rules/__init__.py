"""The causes, one rule each, in the order in which they are tried."""

from collections.abc import Callable

from ingest.domain.causes.case import Case
from ingest.domain.causes.records import Ruling
from ingest.domain.causes.rules.peers import keepalive, peer
from ingest.domain.causes.rules.refusals import gated, overload, policy
from ingest.domain.causes.rules.shutdowns import crash, drain
from ingest.domain.causes.rules.starts import application, failed_phase, false_start, unexplained

RULES: tuple[Callable[[Case], Ruling | None], ...] = (
    gated,
    policy,
    drain,
    crash,
    keepalive,
    peer,
    failed_phase,
    false_start,
    overload,
    application,
    unexplained,
)
