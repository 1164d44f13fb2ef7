"""Boots told apart by how they start."""

from random import Random

from ingest.domain.events import BootDegraded, BootFailed, BootListening, BootReady, CheckFinished
from ingest.domain.scenarios.script import AFTER_GATE, BEFORE_GATE, NO_CONTRACT, Scenario, Script
from ingest.domain.words import BootState, Cause, Origin, PhaseStatus, Role


def starts_inside_lifespan(rng: Random) -> Scenario:
    """All phases run before the port opens: early clients meet the proxy, or wait in the backlog."""
    script = Script(rng=rng)
    script.refused(
        "instance not there yet",
        Cause.FALSE_START,
        opened=-1.5,
        status=503,
        origin=Origin.PLATFORM,
        role=Role.GATEWAY,
    )
    script.phases(*BEFORE_GATE, *AFTER_GATE)
    script.tell(BootReady, age=script.age)
    script.listen()
    opened = script.age + 0.1
    script.socket("served", None, opened=opened, lasted=4.0, code=1000, origin=Origin.PEER)
    script.socket("still talking", None, opened=opened + 0.2, lasted=None)
    script.live(20.0)
    return script.ends("startup inside lifespan", BootState.READY)


def starts_behind_a_live_port(rng: Random) -> Scenario:
    """The port opens first: handlers run in the middle of phases, and their sockets get 1011."""
    script = Script(rng=rng)
    script.listen(0.01)
    script.phases("init", "dependencies", "database", "cache")
    during = script.age + 0.2
    script.socket(
        "in database", Cause.FALSE_START, opened=0.4, code=1011, origin=Origin.APP_CLOSE, reason="starting"
    )
    script.socket(
        "in services",
        Cause.FALSE_START,
        opened=during,
        origin=Origin.APP_ERROR,
        reason="AttributeError: 'NoneType' object has no attribute 'run'",
        exception="AttributeError",
    )
    script.tell(CheckFinished, age=during, check="readiness", ok=False, waited=0.000157, budget=2.1)
    script.phases("services", *AFTER_GATE)
    script.socket(
        "after the gate", Cause.APPLICATION, opened=script.age + 30.0, code=1011, origin=Origin.APP_ERROR
    )
    script.live(60.0)
    return script.ends("startup behind a live port", BootState.READY)


def binds_before_its_workers_exist(rng: Random) -> Scenario:
    """A pre-fork server holds the port while its workers boot: clients hang in the listen backlog."""
    script = Script(rng=rng)
    script.tell(BootListening, Role.LOG, age=-0.9, port=8000)
    script.phases(*BEFORE_GATE)
    ready = script.age
    script.socket("gave up waiting", Cause.FALSE_START, opened=-0.5, lasted=2.0, code=1006, role=Role.CLIENT)
    script.socket(
        "let in at last", Cause.FALSE_START, opened=0.3, lasted=ready, code=1011, origin=Origin.APP_ERROR
    )
    script.phases(*AFTER_GATE)
    script.socket("later", None, opened=script.age + 1.0, lasted=5.0, code=1001, origin=Origin.PEER)
    script.live(30.0)
    return script.ends("port bound before the workers exist", BootState.READY)


def refuses_politely(rng: Random) -> Scenario:
    """Says `try again later` until its gate."""
    script = Script(rng=rng)
    script.listen(0.01)
    script.phases("init", "dependencies")
    script.socket("told 1013", Cause.GATED, opened=0.3, code=1013, origin=Origin.APP_CLOSE)
    script.refused("told 503", Cause.GATED, opened=0.5, status=503, origin=Origin.APP_CLOSE)
    script.phases("database", "cache", "services", *AFTER_GATE)
    opened = script.age + 0.5
    script.socket("came back", None, opened=opened, lasted=3.0, code=1000, origin=Origin.PEER)
    script.live(20.0)
    return script.ends("refuses politely until the gate", BootState.READY)


def goes_on_without_its_cache(rng: Random) -> Scenario:
    """An optional phase fails: the gate does not wait for it."""
    script = Script(rng=rng)
    script.phases("init", "dependencies", "database")
    script.phase("cache", PhaseStatus.FAILED, "connection refused")
    script.phases("services", *AFTER_GATE)
    script.listen()
    script.socket("fine", None, opened=script.age + 1.0, lasted=3.0, code=1000, origin=Origin.PEER)
    script.live(20.0)
    return script.ends("optional phase failed", BootState.DEGRADED)


def fails_but_serves(rng: Random) -> Scenario:
    """Its database never came, and it claims to be ready."""
    script = Script(rng=rng)
    script.listen(0.01)
    script.phases("init", "dependencies")
    script.socket(
        "while it hoped", Cause.FALSE_START, opened=0.2, code=1011, origin=Origin.APP_ERROR, lasted=0.3
    )
    error = "Database initialization timeout after 25.0s"
    script.phase("database", PhaseStatus.TIMEOUT, error)
    script.tell(BootFailed, age=script.age, phase="database", error=error)
    script.tell(BootReady, age=script.age + 0.003)
    script.socket(
        "told 1011", Cause.FAILED_PHASE, opened=script.age + 5.0, code=1011, origin=Origin.APP_CLOSE
    )
    script.socket(
        "told 1013", Cause.FAILED_PHASE, opened=script.age + 6.0, code=1013, origin=Origin.APP_CLOSE
    )
    script.live(30.0)
    return script.ends("failed, but serving", BootState.FAILED_SERVING)


def tries_its_database_again(rng: Random) -> Scenario:
    """The first run of a phase fails, the second succeeds: the gate waits for the second."""
    script = Script(rng=rng)
    script.listen(0.01)
    script.phases("init", "dependencies")
    script.phase("database", PhaseStatus.FAILED, "connection refused")
    script.socket(
        "in between", Cause.FAILED_PHASE, opened=script.age + 0.01, code=1011, origin=Origin.APP_ERROR
    )
    script.age += 0.5
    script.phases("database", "cache")
    script.socket(
        "tried again", Cause.FALSE_START, opened=script.age + 0.01, code=1011, origin=Origin.APP_ERROR
    )
    script.phases("services", *AFTER_GATE)
    script.live(20.0)
    return script.ends("a phase is retried", BootState.READY)


def bypasses_its_database(rng: Random) -> Scenario:
    """A switch lets a required phase be skipped over, and everything else looks well."""
    script = Script(rng=rng)
    script.listen(0.01)
    script.phases("init", "dependencies")
    script.tell(BootDegraded, age=script.age, bypassed=("database",), reason="emergency switch")
    script.phases("cache", "services", *AFTER_GATE)
    script.tell(BootReady, age=script.age)
    script.socket(
        "no database", Cause.FAILED_PHASE, opened=script.age + 2.0, code=1011, origin=Origin.APP_ERROR
    )
    script.live(20.0)
    return script.ends("a required phase is bypassed", BootState.FAILED_SERVING)


def is_still_starting(rng: Random) -> Scenario:
    """Nobody knows yet when its gate will be."""
    script = Script(rng=rng)
    script.listen(0.01)
    script.phases("init", "dependencies", "database")
    script.socket("too soon", Cause.FALSE_START, opened=0.2, code=1011, origin=Origin.APP_ERROR)
    script.socket("holding on", None, opened=0.3, lasted=None)
    return script.ends("still starting", BootState.STARTING)


def has_no_contract(rng: Random) -> Scenario:
    """Its own word that it is ready is all there is."""
    script = Script(rng=rng)
    script.listen(0.01)
    script.age = script.takes(3.0)
    script.tell(BootReady, age=script.age)
    script.socket("early", Cause.FALSE_START, opened=1.0, code=1011, origin=Origin.APP_ERROR)
    script.socket("late", Cause.APPLICATION, opened=script.age + 5.0, code=1011, origin=Origin.APP_ERROR)
    script.live(20.0)
    return script.ends("ready without a contract", BootState.READY, contract=NO_CONTRACT)


def says_nothing_of_its_gate(rng: Random) -> Scenario:
    """Neither a contract nor a claim: which side of the gate a socket lies on cannot be known."""
    script = Script(rng=rng)
    script.listen(0.01)
    script.socket("somewhere", Cause.APPLICATION, opened=1.0, code=1011, origin=Origin.APP_ERROR)
    script.socket("busy", Cause.OVERLOAD, opened=2.0, code=1013, origin=Origin.APP_CLOSE)
    script.live(20.0)
    return script.ends("gate unknown", BootState.STARTING, contract=NO_CONTRACT)


STARTS = (
    starts_inside_lifespan,
    starts_behind_a_live_port,
    binds_before_its_workers_exist,
    refuses_politely,
    goes_on_without_its_cache,
    fails_but_serves,
    tries_its_database_again,
    bypasses_its_database,
    is_still_starting,
    has_no_contract,
    says_nothing_of_its_gate,
)
