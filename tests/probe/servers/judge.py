"""What the server makes of what a collector was told: the domain's own decision on one socket."""

import gzip

from ingest.domain.causes import attribute
from ingest.domain.contract import Contract, effective
from ingest.domain.events import Reported, SocketEnded, SocketOpened, SocketRejected, happened
from ingest.domain.sockets import key_of, merge
from ingest.domain.timeline import build
from ingest.domain.words import Cause, Outcome, Role
from ingest.wire.native import decode
from tests.probe.collector import Collector

MUCH_LATER = 3_600.0  # seconds after the last event, when a boot that fell silent has long been silent

Sockets = SocketOpened | SocketEnded | SocketRejected


def judged(collector: Collector, socket: str) -> tuple[Outcome, Cause | None]:
    """Outcome and cause of a socket, an hour after its boot was last heard of."""
    boots: dict[str, list[Reported]] = {}
    contract = Contract()
    for post in collector.posts:
        batch = decode(gzip.decompress(post.raw))
        assert batch.boot is not None
        assert batch.rejected == ()
        told = [Reported(role=Role.SERVICE, reporter="probe", event=item.event) for item in batch.items]
        contract = effective(batch.boot.contract)
        boots.setdefault(batch.boot.id, []).extend(told)
    (events,) = (told for told in boots.values() if any(about(reported, socket) for reported in told))
    horizon = max(age for reported in events if (age := happened(reported.event)) is not None)
    timeline = build(
        events, contract, first_served=None, horizon=horizon, promised=True, now_age=horizon + MUCH_LATER
    )
    attribution = attribute(merge(socket, [each for each in events if about(each, socket)]), timeline)
    return attribution.outcome, attribution.cause


def about(reported: Reported, socket: str) -> bool:
    return isinstance(reported.event, Sockets) and key_of(reported) == socket
