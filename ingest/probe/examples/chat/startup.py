"""The seven phases of a boot. Each does a little real work, then waits for something far away.

The far-away part is a delay with a name: `DATABASE_LATENCY=0 uvicorn examples.chat.app:app` boots without it.
"""

import asyncio
import hashlib
import importlib
import os
import random
import sqlite3
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from falsestart import Contract, Phase, Probe

from .chat import Rooms, Supervisor

INIT_LATENCY = float(os.environ.get("INIT_LATENCY", "0.2"))  # s: settings from a parameter store
DEPENDENCIES_LATENCY = float(os.environ.get("DEPENDENCIES_LATENCY", "0.3"))  # s: keys and clients
DATABASE_LATENCY = float(os.environ.get("DATABASE_LATENCY", "0.8"))  # s: a managed database wakes up
CACHE_LATENCY = float(os.environ.get("CACHE_LATENCY", "0.3"))  # s: the first round trips to a cache
SERVICES_LATENCY = float(os.environ.get("SERVICES_LATENCY", "2.0"))  # s: models, tools and agents load
WEBSOCKET_LATENCY = float(os.environ.get("WEBSOCKET_LATENCY", "0.2"))  # s: subscribing to other instances
FINALIZE_LATENCY = float(os.environ.get("FINALIZE_LATENCY", "0.1"))  # s: announcing ourselves
JITTER = (0.8, 1.25)  # every delay is multiplied by something in between, so that no two boots are alike

READINESS_WAIT = 2.1  # s: what a socket is supposed to wait for readiness, at most
DATABASE_TIMEOUT = 25.0  # s: what the configuration says, and what the error message prints
POOL_TIMEOUT = 2.5  # s: what the connection pool does

CONTRACT = Contract(
    phases=[
        "init",
        "dependencies",
        "database",
        Phase("cache", required=False),
        "services",
        "websocket",
        "finalize",
    ],
    gate="services",
    budgets={"readiness_wait": READINESS_WAIT, "database_timeout": DATABASE_TIMEOUT},
    settle=10,
    startup=60,
)

MIGRATIONS = (
    "CREATE TABLE message (number INTEGER PRIMARY KEY, room TEXT NOT NULL, text TEXT NOT NULL)",
    "CREATE INDEX message_room ON message (room, number)",
    "INSERT INTO message (room, text) VALUES ('lobby', 'The lobby is open.')",
)
ROOMS = ("lobby", "on-call", "lunch", "releases")


class State:
    """What the phases put together. An attribute does not exist before its phase has made it."""

    folder: tempfile.TemporaryDirectory[str]
    history: sqlite3.Connection
    recent: dict[str, str]
    supervisor: Supervisor

    @property
    def can_chat(self) -> bool:
        return hasattr(self, "supervisor")

    def close(self) -> None:
        if hasattr(self, "history"):
            self.history.close()
        if hasattr(self, "folder"):
            self.folder.cleanup()


Database = Callable[[State], Awaitable[None]]


async def start(state: State, probe: Probe, connect: Database) -> None:
    """Run the phases in order. What a phase raises ends the boot and reaches the caller."""
    async with probe.phase("init"):
        await init(state)
    async with probe.phase("dependencies"):
        await load_dependencies()
    async with probe.phase("database"):
        await connect(state)
    async with probe.phase("cache"):
        await warm_cache(state)
    async with probe.phase("services"):
        await create_services(state)
    async with probe.phase("websocket"):
        await open_rooms(state)
    async with probe.phase("finalize"):
        await check_ourselves(state)


async def something_far_away(latency: float) -> None:
    await asyncio.sleep(latency * random.uniform(*JITTER))


async def init(state: State) -> None:
    state.folder = tempfile.TemporaryDirectory(prefix="chat-")
    await something_far_away(INIT_LATENCY)


async def load_dependencies() -> None:
    for name in ("html", "unicodedata", "zlib"):
        importlib.import_module(name)
    await something_far_away(DEPENDENCIES_LATENCY)


async def open_database(state: State) -> None:
    """Open the file, and run the migrations that it has not seen."""
    state.history = sqlite3.connect(Path(state.folder.name) / "chat.sqlite3")
    state.history.execute("PRAGMA journal_mode = WAL")
    (version,) = state.history.execute("PRAGMA user_version").fetchone()
    for number, migration in enumerate(MIGRATIONS[version:], start=version + 1):
        state.history.execute(migration)
        state.history.execute(f"PRAGMA user_version = {number}")
    state.history.commit()
    await something_far_away(DATABASE_LATENCY)


async def wait_for_a_silent_database(_: State) -> None:
    """Time out, and say the wrong number: the configured timeout, not the one that fired."""
    never = asyncio.get_running_loop().create_future()
    try:
        async with asyncio.timeout(POOL_TIMEOUT):
            await never
    except TimeoutError as error:
        raise TimeoutError(f"Database initialization timeout after {DATABASE_TIMEOUT}s") from error


async def warm_cache(state: State) -> None:
    """Keep a digest of each room's last words, for clients that ask whether they missed any."""
    rows = state.history.execute("SELECT room, group_concat(text) FROM message GROUP BY room")
    state.recent = {room: hashlib.sha256(words.encode()).hexdigest() for room, words in rows}
    await something_far_away(CACHE_LATENCY)


async def create_services(state: State) -> None:
    """Create the supervisor, last: from here on a socket can be served."""
    await something_far_away(SERVICES_LATENCY)
    state.supervisor = Supervisor(state.history, Rooms())


async def open_rooms(state: State) -> None:
    for room in ROOMS:
        await state.supervisor.say(room, f"{room} is open.")
    await something_far_away(WEBSOCKET_LATENCY)


async def check_ourselves(state: State) -> None:
    """Say something to nobody, and see that it was stored."""
    number = await state.supervisor.say("self-check", "Is anybody there?")
    (stored,) = state.history.execute("SELECT max(number) FROM message").fetchone()
    if stored < number:
        raise RuntimeError("The history loses messages")
    await something_far_away(FINALIZE_LATENCY)
