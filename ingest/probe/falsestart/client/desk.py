"""Where what a client saw is queued and sent from: one reporter name, in one process."""

import atexit
import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime

from falsestart import envelope, forks, transport
from falsestart.guard import guarded, say_once
from falsestart.recorder import Event, Recorder
from falsestart.resource import Target
from falsestart.sender import IDLE_LIMIT, Sender

CAPACITY = 10_000  # events that wait for the sender at most, and 1,000 ends of sockets more
LINGER = 0.5  # seconds an event waits for company
EXIT_FLUSH = 2.0  # seconds that the end of the process may be delayed by what is still queued

_desks: "set[Desk]" = set()  # those that are open; kept alive so that the end of the process finds them


class Desk:
    """Without a boot an event is known by service, environment, reporter name and id: the name is unique."""

    def __init__(self, target: Target, resource: Mapping[str, str]) -> None:
        """No thread runs before the first event."""
        self.name = f"falsestart-client-{secrets.token_hex(8)}"
        self.recorder = Recorder(CAPACITY)
        self.sender = Sender(
            self.recorder,
            build=lambda events: envelope.build_without_boot(
                self.name, resource, events, now=datetime.now(UTC)
            ),
            post=lambda batch: transport.post(target, batch),
            tick=lambda: IDLE_LIMIT,
            linger=lambda: LINGER,
        )
        self._pid = os.getpid()
        self._sockets = 0
        forks.watch(self.sender)
        _desks.add(self)

    @property
    def here(self) -> bool:
        """Whether it belongs to this process: what was opened before a fork is told by the parent."""
        return self._pid == os.getpid()

    def socket_id(self) -> str:
        """A new socket's id: the digits of the name, and a number."""
        self._sockets += 1
        return f"{self.name[-16:]}-{self._sockets}"

    @guarded
    def record(self, event: Event, *, vital: bool) -> None:
        """Queue one event. The end of a socket is vital: without it, the socket would seem open."""
        if not self.here:
            return
        if not self.recorder.add(event, vital=vital):
            say_once("client-dropped", "the queue is full: what this client sees is dropped from here on")
        self.sender.kick()

    @guarded
    def close(self, timeout: float) -> None:
        """Send what is left, within `timeout` seconds, and nothing more."""
        _desks.discard(self)
        if self.here:
            self.sender.flush(timeout)
            self.sender.stop()


def _at_exit() -> None:
    for desk in list(_desks):
        desk.close(EXIT_FLUSH)


atexit.register(_at_exit)
