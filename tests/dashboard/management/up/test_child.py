"""One program kept running: started again when it ends, and ended whole when it is told to stop."""

import asyncio
import io
import sys
from pathlib import Path

import pytest

from dashboard.management.up.child import Child, Program, ending, pause
from dashboard.management.up.console import Console
from tests.engines import lives, until

pytestmark = pytest.mark.integration

ENDS_AT_ONCE = "import os, sys; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); sys.exit(3)"
HAS_A_CHILD_AND_NO_MANNERS = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(os.getpid(), child.pid, flush=True)
time.sleep(600)
"""


def child(output: io.StringIO, *arguments: str, grace: float = 10.0) -> Child:
    """A child that runs Python with these arguments."""
    program = Program(name="it", command=(sys.executable, *arguments), grace=grace)
    return Child(program, Console(output))


def test_pauses_grow_up_to_half_a_minute() -> None:
    """A program that cannot start must not occupy the machine."""
    assert [pause(failures) for failures in range(1, 9)] == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


@pytest.mark.parametrize(("code", "words"), [(0, "ended with exit code 0"), (-9, "was ended by SIGKILL")])
def test_an_ending_is_said_in_words(code: int, words: str) -> None:
    """Negative codes are signals."""
    assert ending(code) == words


async def test_what_ends_is_started_again(tmp_path: Path) -> None:
    """By itself, and it says so."""
    output, pids = io.StringIO(), tmp_path / "pids"
    kept = child(output, "-c", ENDS_AT_ONCE, str(pids))
    task = asyncio.create_task(kept.keep())
    await until(lambda: pids.is_file() and len(pids.read_text().split()) >= 2, "a second start")
    await kept.stop()
    await task
    assert "up     | it ended with exit code 3; it starts again in 0.5 s\n" in output.getvalue()


async def test_what_ignores_the_request_to_stop_is_killed_with_all_it_started() -> None:
    """After its grace period, and nothing of its process group stays."""
    output = io.StringIO()
    kept = child(output, "-c", HAS_A_CHILD_AND_NO_MANNERS, grace=0.2)
    task = asyncio.create_task(kept.keep())
    await until(lambda: "it     | " in output.getvalue(), "its first line")
    pids = [int(pid) for pid in output.getvalue().split("it     | ")[1].split()[:2]]
    await kept.stop()
    await task
    await until(lambda: not any(map(lives, pids)), "both processes to end")
    assert "up     | it did not stop within 0.2 s and is killed\n" in output.getvalue()


async def test_every_line_is_repeated_behind_the_name() -> None:
    """Also an unfinished last one, and from both streams."""
    output = io.StringIO()
    script = "import sys; sys.stdout.write('one\\ntwo'); sys.stdout.flush(); sys.stderr.write('\\nthree')"
    kept = child(output, "-c", script)
    task = asyncio.create_task(kept.keep())
    await until(lambda: "exit code 0" in output.getvalue(), "its end")
    await kept.stop()
    await task
    lines = [line for line in output.getvalue().splitlines() if line.startswith("it ")]
    assert lines == ["it     | one", "it     | two", "it     | three"]
