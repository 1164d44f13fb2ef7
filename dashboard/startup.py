"""Our own start, told by our own probe: what each part of it took, and which one failed.

Without `FALSESTART_ENDPOINT` the probe is off, and nothing of this costs anything.
"""

import logging
import os
import socket
import sys
import threading
import time
from contextlib import suppress
from typing import Any

import django
from django.conf import settings
from falsestart import Contract, Phase, Probe
from falsestart.spans import PhaseSpan

from dashboard.environment import text
from dashboard.ourselves import SERVICE, VERSION

CONTRACT = Contract(
    # `work` is what a role is for: the receiver and the pages, a consumer of tasks, the first sweep.
    phases=("settings", "apps", "work", "database", Phase("redis", required=False)),
)
POLL = 0.5  # seconds between two looks at what is away
REDIS_PATIENCE = 10.0  # seconds for Redis and the broker, before the start counts as degraded
HEAD_START = 1.0  # seconds for which a port may stay closed while the database is looked at
LAST_WORDS = 2.0  # seconds that an orderly end may be delayed by what is still to be told


class Startup:
    """The start of one process in its role: `web`, `worker` or `beat`."""

    def __init__(self, role: str) -> None:
        """Begin to report, where somebody wants to hear it."""
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
        logging.getLogger("falsestart").addFilter(is_news)
        self.probe = Probe(
            SERVICE,
            release=VERSION,
            environment=text("FALSESTART_ENVIRONMENT", "default"),
            instance=f"{role}@{socket.gethostname()}",
            contract=CONTRACT,
            auto_ready=False,
        )
        self.work = self.phase("work")
        self._looked = threading.Event()
        self._working = False

    def phase(self, name: str) -> PhaseSpan:
        """A part of the start, as context manager."""
        return self.probe.phase(name)

    def django(self) -> None:
        """Read the settings and load the applications. What goes wrong is told, and raised."""
        with self.phase("settings"):
            settings.INSTALLED_APPS  # noqa: B018 - the first look at any of them reads all
        with self.phase("apps"):
            django.setup(set_prefix=False)

    def at_work(self) -> None:
        """Say that `work` is done; look at what the role leans on, in a thread of its own."""
        if self._working:
            return
        self._working = True
        self.work.__exit__(None, None, None)
        if self.probe.enabled:
            threading.Thread(target=self._look, name="startup", daemon=True).start()
        else:
            self._looked.set()

    def under_daphne(self) -> None:
        """Tell when the port opens; tell the end while there still is a server to tell it to."""
        reactor: Any = sys.modules.get("twisted.internet.reactor")
        if reactor is None or not self.probe.enabled:
            return
        from twisted.internet.threads import deferToThread  # noqa: PLC0415 - would choose a reactor

        # A port that opens before its database was looked at is the exposure that we warn others of.
        self._looked.wait(HEAD_START)
        reactor.callWhenRunning(self.probe.listening)
        reactor.addSystemEventTrigger("before", "shutdown", deferToThread, self.end)

    def end(self) -> None:
        """Tell an orderly end, and wait a little for somebody to hear it."""
        self.probe.draining()
        self.probe.exited(by="shutdown")
        self.probe.close(LAST_WORDS)

    def _look(self) -> None:
        from django.db import connection  # noqa: PLC0415 - needs Django set up

        from dashboard.queries import health  # noqa: PLC0415 - needs Django set up

        with self.probe.phase("database", kind="wait"):
            while any(check.state != "ok" for check in health.stored().values()):
                time.sleep(POLL)
        connection.close()
        self._looked.set()
        with suppress(TimeoutError), self.probe.phase("redis", kind="wait"):
            deadline = time.monotonic() + REDIS_PATIENCE
            while any(health.carried()[name].state != "ok" for name in ("broker", "channel_layer")):
                if time.monotonic() > deadline:
                    raise TimeoutError
                time.sleep(POLL)
        self.probe.ready()


def is_news(record: logging.LogRecord) -> bool:
    """Whether a line of the probe's log is worth reading: a web process begins before it can hear itself."""
    return not str(record.msg).startswith("cannot reach the server")
