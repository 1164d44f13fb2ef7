"""The closed vocabularies of the product. Every member has a sentence."""

from enum import StrEnum


class Role(StrEnum):
    """Who saw an event."""

    SERVICE = "service"  # The probe inside the process: the only one that knows what the app sent.
    CLIENT = "client"  # A browser or a test client: the only one that knows what users saw.
    GATEWAY = "gateway"  # A proxy or load balancer between the two.
    LOG = "log"  # A line read from a log after the fact.
    DRILL = "drill"  # Our own prober, opening sockets on purpose.


class PhaseStatus(StrEnum):
    """How a run of a phase stands."""

    RUNNING = "running"  # Started, and no end has been reported.
    OK = "ok"  # Ended, and did what it is for.
    FAILED = "failed"  # Ended with an error.
    TIMEOUT = "timeout"  # Ended because a time limit fired.
    SKIPPED = "skipped"  # Was not run on purpose.


class PhaseKind(StrEnum):
    """What a phase spends its time on."""

    WORK = "work"  # The process itself is busy.
    WAIT = "wait"  # The process waits for somebody else.


class Origin(StrEnum):
    """Whose act ended a socket."""

    APP_ERROR = "app_error"  # An exception left the application.
    APP_CLOSE = "app_close"  # The application closed or refused on purpose.
    SERVER_SHUTDOWN = "server_shutdown"  # The server was stopping.
    KEEPALIVE = "keepalive"  # A ping went unanswered.
    PEER = "peer"  # The other side closed.
    NETWORK = "network"  # The connection broke without a close frame.
    PLATFORM = "platform"  # A gateway or proxy answered instead of the service.
    UNKNOWN = "unknown"  # The reporter could not tell.


class Outcome(StrEnum):
    """How one WebSocket attempt stands."""

    OPEN = "open"  # No end has been reported and its boot lives.
    CLOSED = "closed"  # A close frame ended it.
    REJECTED = "rejected"  # The handshake was refused with an HTTP status.
    LOST = "lost"  # It ended without a close frame, or its boot died without reporting it.


class BootState(StrEnum):
    """Where a boot stands; the first that applies, in this order, is its state."""

    KILLED = "killed"  # Ended before the gate by a signal or a probe: censored, never dropped.
    FAILED = "failed"  # Ended by itself before the gate.
    CRASHED = "crashed"  # Ended abnormally after the gate.
    STOPPED = "stopped"  # Ended in order.
    SILENT = "silent"  # Promised to stay in touch and has not for 30 s; reversible.
    DRAINING = "draining"  # Said that it is shutting down.
    DEGRADED = "degraded"  # Passed the gate, but a phase failed or was bypassed.
    READY = "ready"  # Passed the gate.
    FAILED_SERVING = "failed_serving"  # A required phase failed or was bypassed, and it listens.
    STARTING = "starting"  # On its way to the gate.


class Cause(StrEnum):
    """Why a socket did not end well; the first that applies, in this order, is its cause."""

    UNATTRIBUTED = "unattributed"  # No boot can be found that it belongs to.
    GATED = "gated"  # Refused politely before the gate.
    POLICY = "policy"  # Refused for authentication, rate or protocol.
    DRAIN = "drain"  # Ended by an orderly shutdown.
    CRASH = "crash"  # Its boot died under it.
    KEEPALIVE = "keepalive"  # A ping went unanswered.
    PEER = "peer"  # The client sent an error or vanished while the boot lived on.
    FAILED_PHASE = "failed_phase"  # Opened while a required phase had failed: failed, but serving.
    FALSE_START = "false_start"  # Opened before the gate, and failed for it.
    OVERLOAD = "overload"  # Refused for load after the gate.
    APPLICATION = "application"  # The application failed after the gate.
    UNEXPLAINED = "unexplained"  # Nothing above fits.


class Certainty(StrEnum):
    """How sure a cause is."""

    CERTAIN = "certain"  # Decided by what was observed.
    AMBIGUOUS = "ambiguous"  # Decided by less than the clock uncertainty, or by a guess named in evidence.
    UNOBSERVED = "unobserved"  # The timeline that would decide is missing or truncated.


class Basis(StrEnum):
    """Where a number comes from."""

    MEASURED = "measured"  # Somebody observed it.
    CONFIGURED = "configured"  # Somebody set it.
    DERIVED = "derived"  # It was computed from measured or configured ones.
