"""The releases: one service, and the few decisions that differ between them."""

from collections.abc import Callable
from dataclasses import dataclass

from falsestart import Probe

from .startup import READINESS_WAIT, Database, State, open_database, wait_for_a_silent_database


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """A close frame that is sent right after accept."""

    code: int
    """The WebSocket close code."""
    reason: str
    """What the client reads beside it."""


def let_in(_: State, __: Probe) -> Refusal | None:
    """Ask nothing, and trust that the supervisor is there."""
    return None


def check_without_waiting(state: State, probe: Probe) -> Refusal | None:
    """Look once, at once: the budget is configured, logged and reported, but nobody waits for it."""
    with probe.check("readiness", budget=READINESS_WAIT) as check:
        check.ok = state.can_chat
    return None if state.can_chat else Refusal(code=1011, reason="Service startup incomplete")


def apologise(state: State, _: Probe) -> Refusal | None:
    """Call an absent service an internal error."""
    return None if state.can_chat else Refusal(code=1011, reason="Service unavailable")


def ask_to_come_back(state: State, _: Probe) -> Refusal | None:
    """Refuse politely: 1013 means "try again later", and clients do."""
    return None if state.can_chat else Refusal(code=1013, reason="Starting, try again later")


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """What one release decided."""

    does: str
    """What it does, in one sentence."""
    shows: str
    """What to look for on its page."""
    listens_first: bool
    """Whether the port opens at once, with the phases in a background task, or only after the last phase."""
    at_the_door: Callable[[State, Probe], Refusal | None] = let_in
    """What an accepted socket is told while there is no supervisor."""
    connect: Database = open_database
    """How the database phase goes."""
    serves_without_database: bool = False
    """Whether a database that timed out is logged and forgotten."""
    server: str = "uvicorn"
    """`uvicorn`, or `gunicorn`, whose master binds the port before a worker exists, or `daphne`."""


RELEASES = {
    "r1": Release(
        does="runs its phases first, then opens its port",
        shows="nothing early, and at shutdown 1012: drained",
        listens_first=False,
    ),
    "r2": Release(
        does="opens its port before its supervisor exists, and closes early sockets with 1011",
        shows="false starts with their margins, and a readiness check that did not wait its 2.1 s",
        listens_first=True,
        at_the_door=check_without_waiting,
    ),
    "r3": Release(
        does="runs under gunicorn, whose port opens before a worker serves; early sockets hit an exception",
        shows="false starts without a close frame, and clients held in the listen backlog",
        listens_first=True,
        server="gunicorn",
    ),
    "r4": Release(
        does='fails its database phase, says "startup complete" and serves anyway',
        shows='failed, but serving; and a "25.0s" timeout that took 2.5 s',
        listens_first=False,
        at_the_door=apologise,
        connect=wait_for_a_silent_database,
        serves_without_database=True,
    ),
    "r5": Release(
        does="opens its port at once and answers 1013 until the supervisor exists",
        shows="early sockets gated, as expected, and no false start",
        listens_first=True,
        at_the_door=ask_to_come_back,
    ),
    "r6": Release(
        does="is r5 on Daphne, which runs no lifespan and sends 1011 where the application says 1013",
        shows="sockets gated as in r5, and clients that saw an internal error instead",
        listens_first=True,
        at_the_door=ask_to_come_back,
        server="daphne",
    ),
}
# r6 looks like r5 to whoever does not ask the clients: it takes a browser, or another client that reports.
ROLLED_OUT = ("r1", "r2", "r3", "r4", "r5")
