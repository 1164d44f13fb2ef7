"""Boots and sockets told apart by how they end."""

from random import Random

from ingest.domain.events import BootDraining, BootExited
from ingest.domain.scenarios.script import AFTER_GATE, BEFORE_GATE, Scenario, Script
from ingest.domain.words import BootState, Cause, Origin, PhaseStatus, Role


def _ready(rng: Random) -> Script:
    script = Script(rng=rng)
    script.phases(*BEFORE_GATE, *AFTER_GATE)
    script.listen()
    script.live(20.0)
    return script


def killed_by_its_startup_probe(rng: Random) -> Scenario:
    """The platform's patience ends before its gate."""
    script = Script(rng=rng)
    script.listen(0.01)
    script.phases("init", "dependencies", "database")
    script.socket("too soon", Cause.FALSE_START, opened=0.1, code=1011, origin=Origin.APP_ERROR)
    script.socket("cut off", Cause.CRASH, opened=0.2, lasted=None)
    script.age += 5.0
    script.tell(BootExited, Role.LOG, age=script.age, signal=9, by="probe")
    return script.ends("killed before the gate", BootState.KILLED)


def asked_to_stop_before_its_gate(rng: Random) -> Scenario:
    """A rollout is taken back while it starts."""
    script = Script(rng=rng)
    script.listen(0.01)
    script.phases("init", "dependencies")
    script.socket("never served", Cause.FALSE_START, opened=0.1, lasted=None)
    script.age += 3.0
    script.tell(BootExited, age=script.age, signal=15)
    return script.ends("asked to stop before the gate", BootState.KILLED)


def fails_to_start(rng: Random) -> Scenario:
    """A required phase fails, and the process ends itself."""
    script = Script(rng=rng)
    script.refused(
        "long before",
        Cause.FALSE_START,
        opened=-5.0,
        status=503,
        origin=Origin.PLATFORM,
        role=Role.GATEWAY,
    )
    script.phases("init", "dependencies")
    script.phase("database", PhaseStatus.FAILED, "connection refused")
    script.tell(BootExited, age=script.age, code=3, by="self")
    script.refused(
        "as it fell",
        Cause.CRASH,
        opened=script.age + 0.3,
        status=503,
        origin=Origin.PLATFORM,
        role=Role.GATEWAY,
    )
    return script.ends("failed to start", BootState.FAILED)


def crashes(rng: Random) -> Scenario:
    """The process dies long after its gate."""
    script = _ready(rng)
    end = script.age + 10.0
    script.socket("cut off", Cause.CRASH, opened=script.age, lasted=9.5, origin=Origin.NETWORK)
    script.socket("never heard of again", Cause.CRASH, opened=script.age, lasted=None)
    script.tell(BootExited, age=end, signal=11)
    return script.ends("crashed", BootState.CRASHED)


def stops_in_order(rng: Random) -> Scenario:
    """Draining, then an end."""
    script = _ready(rng)
    began = script.age + 10.0
    script.socket("finished", None, opened=script.age, lasted=2.0, code=1000, origin=Origin.PEER)
    script.socket("told 1012", Cause.DRAIN, opened=script.age, lasted=10.5, code=1012)
    script.socket("held on", Cause.DRAIN, opened=script.age, lasted=None)
    script.tell(BootDraining, age=began)
    script.tell(BootExited, age=began + 3.0, code=0)
    return script.ends("stopped in order", BootState.STOPPED)


def drains(rng: Random) -> Scenario:
    """Said that it shuts down, and has not yet."""
    script = _ready(rng)
    script.tell(BootDraining, age=script.age)
    script.socket(
        "sent away", Cause.DRAIN, opened=script.age - 5.0, lasted=5.5, code=1001, origin=Origin.APP_CLOSE
    )
    script.socket("still talking", None, opened=script.age - 4.0, lasted=None)
    return script.ends("draining", BootState.DRAINING)


def falls_silent(rng: Random) -> Scenario:
    """Promised to stay in touch, and did not."""
    script = _ready(rng)
    script.socket("with it", Cause.CRASH, opened=script.age, lasted=None)
    script.socket("before that", None, opened=script.age, lasted=1.0, code=1000, origin=Origin.PEER)
    return script.ends("silent", BootState.SILENT, now_age=script.age + 45.0)


def refuses_strangers(rng: Random) -> Scenario:
    """Refusals that have nothing to do with starting."""
    script = _ready(rng)
    opened = script.age
    script.socket("bad token", Cause.POLICY, opened=opened, code=4001, origin=Origin.APP_CLOSE)
    script.socket("moved elsewhere", Cause.POLICY, opened=opened, code=4100, origin=Origin.APP_CLOSE)
    script.socket("its own error", Cause.APPLICATION, opened=opened, code=4200, origin=Origin.APP_CLOSE)
    script.refused("forbidden", Cause.POLICY, opened=opened, status=403, origin=Origin.APP_CLOSE)
    return script.ends("refusals by policy", BootState.READY)


def is_overloaded(rng: Random) -> Scenario:
    """Too busy, long after its gate."""
    script = _ready(rng)
    script.socket("told 1013", Cause.OVERLOAD, opened=script.age, code=1013, origin=Origin.APP_CLOSE)
    script.refused("told 429", Cause.OVERLOAD, opened=script.age, status=429, origin=Origin.APP_CLOSE)
    return script.ends("overloaded", BootState.READY)


def has_difficult_clients(rng: Random) -> Scenario:
    """Ends that the other side, or the way between, brought about."""
    script = _ready(rng)
    opened = script.age
    script.socket(
        "heard no pong",
        Cause.KEEPALIVE,
        opened=opened,
        code=1011,
        origin=Origin.PEER,
        reason="keepalive ping timeout",
    )
    script.socket("sent an error", Cause.PEER, opened=opened, code=4321, origin=Origin.PEER)
    script.socket("vanished", Cause.PEER, opened=opened, origin=Origin.NETWORK)
    script.socket("said nothing", Cause.UNEXPLAINED, opened=opened, code=1005)
    script.live(10.0)
    return script.ends("difficult clients", BootState.READY)


def belongs_to_nobody(rng: Random) -> Scenario:
    """A client's report of a service that has never been heard of."""
    script = Script(rng=rng)
    script.socket("whose?", Cause.UNATTRIBUTED, opened=0.0, code=1006, role=Role.CLIENT)
    return script.ends("no boot to be found", BootState.STARTING, boot=False)


ENDS = (
    killed_by_its_startup_probe,
    asked_to_stop_before_its_gate,
    fails_to_start,
    crashes,
    stops_in_order,
    drains,
    falls_silent,
    refuses_strangers,
    is_overloaded,
    has_difficult_clients,
    belongs_to_nobody,
)
