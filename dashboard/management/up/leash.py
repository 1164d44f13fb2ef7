"""A child that cannot outlive its parent, whatever kills the parent."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1  # linux/prctl.h
# Looked up before any fork: between fork and exec a child must not import or load anything.
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def leash(last_signal: signal.Signals = signal.SIGKILL) -> Callable[[], None]:
    """What a child runs between fork and exec, so that the kernel signals it when its parent is gone.

    The kernel watches the *thread* that forked, so children have to be started from the main thread. Other
    systems than Linux have no such call: there a parent killed with -9 leaves its children.
    """
    parent = os.getpid()

    def tie() -> None:
        if LIBC is None:
            return
        LIBC.prctl(PR_SET_PDEATHSIG, int(last_signal), 0, 0, 0)
        # The parent may have died before the call above: then nobody will ever send that signal.
        if os.getppid() != parent:
            os._exit(1)

    return tie
