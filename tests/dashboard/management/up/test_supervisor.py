"""Several programs kept running together, started in order and stopped in the reverse order."""

import asyncio
import io
import sys

import pytest

from dashboard.management.up.child import Program
from dashboard.management.up.console import Console
from dashboard.management.up.supervisor import Supervisor
from tests.engines import until

pytestmark = pytest.mark.integration

OBEYS = """
import signal, sys, threading
end = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: end.set())
print("started", flush=True)
end.wait()
print("stopped", flush=True)
"""


def program(name: str) -> Program:
    """A program that says when it starts and when it is told to stop."""

    async def ready(_started: float) -> bool:
        return f"{name:<6} | started" in OUTPUT.getvalue()

    return Program(name=name, command=(sys.executable, "-c", OBEYS), ready=ready)


OUTPUT = io.StringIO()


async def test_stages_start_in_order_and_stop_in_the_reverse_order() -> None:
    """What others need comes first and goes last."""
    supervisor = Supervisor([[program("one")], [program("two")]], Console(OUTPUT))
    up = asyncio.Event()
    running = asyncio.create_task(supervisor.run(up.set))
    await until(up.is_set, "both to be ready")
    supervisor.stop()
    await running
    said = [line.split(" | ") for line in OUTPUT.getvalue().splitlines() if not line.startswith("up ")]
    assert [(name.strip(), text) for name, text in said] == [
        ("one", "started"),
        ("two", "started"),
        ("two", "stopped"),
        ("one", "stopped"),
    ]
