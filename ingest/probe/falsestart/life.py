"""Everything that belongs to one process life: its boot, its queue, its thread, its gate."""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from falsestart import envelope, forks, listeners, transport
from falsestart.boot import Boot
from falsestart.contract import Checked
from falsestart.gate import GateWatch
from falsestart.inheritance import FINISHED, INHERITED, REMEMBERED, inherited
from falsestart.recorder import Event, Recorder
from falsestart.resource import Target
from falsestart.sampling import WINDOW, Kind, Sampling
from falsestart.sender import Sender
from falsestart.socket_ids import SocketIds
from falsestart.tallies import Group, Tallies

ALIVE_EVERY = 10.0  # seconds; what `alive` promises
LISTED_AFTER_GATE = 60.0  # seconds for which every opening and every failed request is listed
LINGER_STARTING = 0.2  # seconds an event waits for company while somebody may be watching the start
LINGER = 1.0  # seconds, later


class Life:
    """One boot's reporting. A fork replaces it whole, locks included."""

    def __init__(
        self, *, boot: Boot, target: Target, resource: Mapping[str, Any], contract: Checked, capacity: int
    ) -> None:
        """`capacity`: events queued at most. Nothing is sent, and no thread runs, before the first event."""
        self.boot = boot
        self.open = 0
        self.running_phases = 0
        self.failed_phases = 0
        self.history: list[Event] = []
        """What a forked process would inherit."""
        self.socket_ids = SocketIds(boot.id)
        self.gate = GateWatch(contract.gated_by)
        self._declared = contract.wire
        self.recorder = Recorder(capacity)
        self.sender = Sender(
            self.recorder,
            build=lambda events: envelope.build(
                boot, resource, self._declared, events, now=datetime.now(UTC), age=boot.age()
            ),
            post=lambda batch: transport.post(target, batch),
            tick=self._tick,
            linger=self._linger,
        )
        forks.watch(self.sender)
        self._startup = contract.startup
        self._since = boot.age()
        # As in the recorder: `draining` belongs into signal handlers.
        self._lock = threading.RLock()
        self._tallies = Tallies()
        self._sampling = Sampling()
        self._said: set[str] = set()
        self._alive_at: float | None = None
        self._inherited: list[Event] = []

    def inherit(self, parent: "Life") -> None:
        """Take over what the parent of a forked process had done; told with the first thing that it says."""
        self._inherited = inherited(parent.history, self.boot.zero - parent.boot.zero)
        self.history += self._inherited
        for event in self._inherited:
            if event["kind"] == FINISHED:
                self.failed_phases += event["status"] in {"failed", "timeout"}
                self.gate.phase_finished(event["phase"], event["status"], event["age"])
            elif event["kind"] == "boot.ready":
                self._said.add("boot.ready")
                self.gate.claimed(event["age"])

    def lead(self) -> None:
        """Be ready: this process only forks those who keep the contract, and who do not inherit that word."""
        self._declared = {}
        self.gate = GateWatch(())
        age, inherited = self.boot.age(), list(self.history)
        self.gate.claimed(age)
        self.record_once("boot.ready", age)
        self.history = inherited

    def record(self, kind: str, age: float | None = None, *, vital: bool = False, **fields: object) -> None:
        """Queue one event; `age` in seconds, None for the kinds that carry their own."""
        if self._alive_at is None:
            self._begin()
        event: dict[str, Any] = {"seq": 0, "kind": kind, **fields}
        if age is not None:
            event["age"] = age
        if kind in INHERITED and len(self.history) < REMEMBERED:
            self.history.append(event)
        self.recorder.add(event, vital=vital)
        self.sender.kick()

    @property
    def begun(self) -> bool:
        """Whether anything was recorded in this life."""
        return self._alive_at is not None

    def begin(self) -> None:
        """Promise to report, unless that was done."""
        if self._alive_at is None:
            self._begin()
            self.sender.kick()

    def record_once(self, kind: str, age: float, **fields: object) -> bool:
        """Queue a fact of the boot that can be true only once; False when it was told before."""
        with self._lock:
            if kind in self._said:
                return False
            self._said.add(kind)
        self.record(kind, age, vital=True, **fields)
        return True

    def told(self, kind: str) -> bool:
        """Whether `record_once` has told that kind."""
        return kind in self._said

    def listing(self, age: float) -> bool:
        """Whether what happens at `age` is still listed one by one."""
        passed = self.gate.passed_age
        if passed is not None:
            return age <= passed + LISTED_AFTER_GATE
        return age <= max(self._since, 0.0) + self._startup + LISTED_AFTER_GATE

    def lists_opening(self, age: float) -> bool:
        """Whether the opening of a socket at `age` seconds is listed; one that is not is to be counted."""
        if not self.listing(age):
            return False
        with self._lock:
            return self._sampling.lists_opening(age)

    def record_request(self, age: float, fields: dict[str, Any]) -> None:
        """Queue a request that failed at `age` seconds; beyond 100 a second it counts as dropped."""
        with self._lock:
            listed = self._sampling.lists_request(age)
        if listed:
            self.record("request.failed", age, **fields)
        else:
            self.recorder.miss()

    def record_failure(self, kind: str, age: float, *, listed: bool, fields: dict[str, Any]) -> None:
        """Queue the end of a socket that failed at `age` seconds, or keep it as a sample of its second.

        `listed`: whether its opening was; then its end is too, or it would seem open for ever.
        """
        event = {"seq": 0, "kind": kind, **fields}
        with self._lock:
            told = self._sampling.lists_failure(age) or listed
            if not told:
                self._sampling.keep(event, *self._sort(event))
            over = self._sampling.take(age)
        for each in [event, *over] if told else over:
            self.recorder.add(each)
        self.sender.kick()

    def _sort(self, event: Mapping[str, Any]) -> tuple[Kind, str]:
        """What makes failures alike, the path apart."""
        opened, passed = event["opened_age"], self.gate.passed_age
        names = ("kind", "code", "status", "origin", "exception")
        early = passed is None or opened < passed
        return (early, *(event.get(name) for name in names)), str(event.get("path"))

    @property
    def claims_ready(self) -> bool:
        """Whether the end of lifespan startup may be taken for the ready claim: nothing says otherwise."""
        return self.gate.claimable and not self.running_phases and not self.failed_phases

    def count(self, group: Group, client: str | None, age: float) -> None:
        """Count a socket instead of listing it."""
        with self._lock:
            self._tallies.count(group, client, age)

    def moved(self, by: int) -> None:
        """Change the number of open sockets."""
        with self._lock:
            self.open += by

    def tell_samples(self) -> None:
        """Queue the samples of the second that goes on."""
        with self._lock:
            samples = self._sampling.take(self.boot.age(), partly=True)
        for event in samples:
            self.recorder.add(event)

    def finish(self) -> None:
        """Queue what is still being counted."""
        self.tell_samples()
        self._close_windows(partly=True)

    def _begin(self) -> None:
        with self._lock:
            if self._alive_at is not None:
                return
            self._alive_at = self.boot.age()
        self._alive(self._alive_at)
        for event in self._inherited:
            self.recorder.add(event, vital=True)
        found = listeners.before(self.boot.zero)
        if found is not None:
            age, port = found
            self.record_once("boot.listening", age, port=port)

    def _alive(self, age: float) -> None:
        event = {"seq": 0, "kind": "alive", "age": age, "open": self.open, "dropped": self.recorder.dropped}
        self.recorder.add(event, vital=True)

    def _tick(self) -> float:
        """Do what is due; seconds until something may be due again."""
        age = self.boot.age()
        self._close_windows(partly=False)
        if self._alive_at is None or self.told("boot.exited"):
            return ALIVE_EVERY
        if age >= self._alive_at + ALIVE_EVERY:
            self._alive_at = age
            self._alive(age)
        until_alive = min(self._alive_at + ALIVE_EVERY - age, ALIVE_EVERY)
        return min(until_alive, WINDOW) if self._sampling.keeps else until_alive

    def _close_windows(self, *, partly: bool) -> None:
        age = self.boot.age()
        with self._lock:
            tallies = self._tallies.close(age, partly=partly)
            samples = self._sampling.take(age)
        for event in samples:
            self.recorder.add(event)
        for event in tallies:
            self.recorder.add({"seq": 0, "age": age, **event}, vital=True)

    def _linger(self) -> float:
        age = self.boot.age()
        starting = self.gate.passed_age is None and self.listing(age)
        return LINGER_STARTING if starting else LINGER
