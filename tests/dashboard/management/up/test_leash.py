"""A child that cannot outlive its parent, whatever kills the parent."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engines import lives, wait_until

ROOT = Path(__file__).parents[4]
PARENT = """
import subprocess, sys, time
from dashboard.management.up.leash import leash
child = subprocess.Popen(["sleep", "600"], preexec_fn=leash(), start_new_session=True)
print(child.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.integration
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_a_child_ends_with_a_parent_that_is_killed() -> None:
    """Even in a session of its own, where no terminal would reach it."""
    parent = subprocess.Popen([sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE)
    with parent.stdout as output:  # type: ignore[union-attr]
        child = int(output.readline())
    assert lives(child)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    wait_until(lambda: not lives(child), "the child to end")
