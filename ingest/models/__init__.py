"""The rows: fields and constraints, no behaviour. `store` writes them, `dashboard.queries` reads them.

Ages are seconds since process start on the boot's own clock. Events are the truth; phases, checks,
sockets and tallies are derived from them and can be made anew.
"""

from ingest.models.access import Batch, Key
from ingest.models.audit import AuditEntry
from ingest.models.boots import Boot, Event, Reporter
from ingest.models.derived import Check, Phase, Socket, Tally
from ingest.models.names import Contract, Deployment, Environment, Instance, Release, Service
from ingest.models.widths import NAME, WORD

__all__ = [
    "NAME",
    "WORD",
    "AuditEntry",
    "Batch",
    "Boot",
    "Check",
    "Contract",
    "Deployment",
    "Environment",
    "Event",
    "Instance",
    "Key",
    "Phase",
    "Release",
    "Reporter",
    "Service",
    "Socket",
    "Tally",
]
