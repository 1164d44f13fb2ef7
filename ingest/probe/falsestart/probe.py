"""The facade: what a service calls. Nothing here raises, blocks, or needs a server to be there."""

import atexit
import hashlib
import os
import secrets
import signal as signals
import sys
from collections.abc import Mapping, Sequence

from falsestart import boot as boots
from falsestart import listeners, masters
from falsestart.contract import Checked, Contract, Kind, check
from falsestart.guard import guarded, say_once, trouble
from falsestart.life import Life
from falsestart.recorder import CAPACITY
from falsestart.resource import Target, find_resource, find_target
from falsestart.spans import CheckSpan, PhaseSpan
from falsestart.wording import LIST_LIMIT, describe

EXIT_FLUSH = 2.0  # seconds that the end of the process may be delayed by what is still queued
CLIENT_DIGITS = 12  # hex digits of a client's hash

_probes: "set[Probe]" = set()  # those that are on; kept alive so that the end of the process finds them


class Probe:
    """One service's reporter in this process. Make one, early, and keep it."""

    def __init__(  # noqa: PLR0913 - each is one fact about the service, all by name
        self,
        service: str | None = None,
        *,
        release: str | None = None,
        environment: str | None = None,
        instance: str | None = None,
        endpoint: str | None = None,
        key: str | None = None,
        contract: Contract | None = None,
        auto_ready: bool | None = None,
        capacity: int = CAPACITY,
    ) -> None:
        """What is not given comes from the environment; without an endpoint the probe is off.

        `auto_ready`: claim `ready` when ASGI lifespan startup completes; by default only where the
        contract names no phases and none is running or failed. `capacity`: events queued at most.
        """
        self.life: Life | None = None
        self.auto_ready = auto_ready
        self._preloads = False
        self._zero = boots.begin()
        self._capacity = capacity
        given = {
            "service.name": service,
            "service.version": release,
            "deployment.environment.name": environment,
            "service.instance.id": instance,
        }
        self._set_up(given, endpoint, key, contract)

    @property
    def enabled(self) -> bool:
        """Whether anything is reported."""
        return self.life is not None

    @property
    def boot_id(self) -> str:
        """This process life's id; another one after a fork."""
        return self._zero.id

    def age(self) -> float:
        """Seconds since process start, monotonic."""
        return self._zero.age()

    def phase(self, name: str, *, kind: Kind = "work", depends_on: Sequence[str] = ()) -> PhaseSpan:
        """A phase as context manager (plain or async) or decorator; an exception ends it as failed."""
        return PhaseSpan(self, name, kind=kind, depends_on=depends_on)

    def check(self, name: str, *, budget: float | None = None, phase: str | None = None) -> CheckSpan:
        """A readiness check as context manager; `budget` is the configured wait in seconds."""
        return CheckSpan(self, name, budget=budget, phase=phase)

    @guarded
    def listening(self, port: int | None = None) -> None:
        """The port is open. The first one told counts; the middleware tells it where nobody else did."""
        if self.life is not None:
            self.life.record_once("boot.listening", self.age(), port=port)

    @guarded
    def ready(self) -> None:
        """The service calls itself ready: a claim, shown beside the gate where the contract has phases."""
        if self.life is not None:
            age = self.age()
            self.life.gate.claimed(age)
            self.life.record_once("boot.ready", age)

    @guarded
    def degraded(self, bypassed: Sequence[str] = (), reason: str | None = None) -> None:
        """The service runs without the phases named in `bypassed`."""
        if self.life is not None:
            named = list(bypassed)[:LIST_LIMIT]
            self.life.record("boot.degraded", self.age(), vital=True, bypassed=named, reason=reason)

    @guarded
    def failed(self, error: str | BaseException | None = None, phase: str | None = None) -> None:
        """The startup failed."""
        if self.life is not None:
            text = describe(error) if isinstance(error, BaseException) else error
            self.life.record("boot.failed", self.age(), vital=True, phase=phase, error=text)

    @guarded
    def draining(self) -> None:
        """The service takes no new work and is about to end."""
        if self.life is not None:
            self.life.record_once("boot.draining", self.age())

    @guarded
    def exited(self, code: int | None = None, signal: int | None = None, by: str | None = None) -> None:
        """The process life is over; normally told by itself. None is unknown."""
        if self.life is not None:
            self.life.finish()
            self.life.record_once("boot.exited", self.age(), code=code, signal=signal, by=by)

    def flush(self, timeout: float = 5.0) -> bool:
        """Wait at most `timeout` seconds until the server has everything; whether it has."""
        try:
            if self.life is None:
                return True
            self.life.tell_samples()
            return self.life.sender.flush(timeout)
        except Exception as error:  # noqa: BLE001 - must not reach the host
            trouble("Probe.flush", error)
            return False

    @guarded
    def close(self, timeout: float = EXIT_FLUSH) -> None:
        """Send what is left, within `timeout` seconds, and report nothing more."""
        life = self.life
        if life is None:
            return
        life.finish()
        life.sender.flush(timeout)
        self.life = None
        _probes.discard(self)
        life.sender.stop()

    def client_id(self, host: str, user_agent: str) -> str:
        """`h:` and 12 hex digits: the same for the same client in every instance that has the same key."""
        text = f"{host}\n{user_agent}".encode("utf-8", "surrogateescape")
        return "h:" + hashlib.blake2b(text, key=self._salt, digest_size=CLIENT_DIGITS // 2).hexdigest()

    @guarded
    def _set_up(
        self,
        given: Mapping[str, str | None],
        endpoint: str | None,
        key: str | None,
        contract: Contract | None,
    ) -> None:
        self._salt = secrets.token_bytes(32)
        target = find_target(endpoint, key, os.environ)
        if isinstance(target, str):
            say_once("target", "the probe is off: %s", target)
        if not isinstance(target, Target):
            return
        self._salt = hashlib.blake2b(target.key.encode(), digest_size=32).digest()
        self._resource = find_resource(given, os.environ)
        if "service.name" not in self._resource:
            say_once("service", "the probe is off: no service name (argument, OTEL_SERVICE_NAME, K_SERVICE)")
            return
        # A forked worker stays on its parent's instance: one instance may have several boots.
        self._resource.setdefault("service.instance.id", self._zero.id)
        self._target = target
        self._contract = _checked(contract)
        self._preloads = masters.preloads()
        self._start(self._zero)
        _probes.add(self)
        if self.life is not None:
            self.life.begin()

    def _start(self, boot: boots.Boot) -> None:
        self._zero = boot
        self.life = Life(
            boot=boot,
            target=self._target,
            resource=self._resource,
            contract=self._contract,
            capacity=self._capacity,
        )

    @guarded
    def forked(self) -> None:
        """Begin a life of its own in a forked process; silent until it has something to say."""
        parent = self.life
        self._preloads = False
        if parent is not None:
            self._start(boots.forked(self._zero))
            if self.life is not None:
                self.life.inherit(parent)

    @guarded
    def has_forked(self) -> None:
        """A master has done its part once a worker is there: its workers' gate is none of its own."""
        if self.life is not None and self._preloads and masters.spawns():
            self._preloads = False
            self.life.lead()

    @guarded
    def at_exit(self) -> None:
        """Tell the end of the process as far as it can be seen from inside, and flush."""
        life = self.life
        if life is None or not life.begun:
            return
        code, signal, by = how_it_ends(getattr(sys, "last_value", None))
        self.exited(code=code, signal=signal, by=by)
        life.sender.flush(EXIT_FLUSH)
        life.sender.stop()


def how_it_ends(uncaught: object) -> tuple[int | None, int | None, str]:
    """Exit code, signal and who, from the exception that the interpreter printed last, if any.

    `SystemExit` leaves no trace here: without an uncaught exception the code is unknown, not 0.
    """
    if isinstance(uncaught, KeyboardInterrupt):
        return None, int(signals.SIGINT), "interrupt"
    if isinstance(uncaught, BaseException):
        return 1, None, describe(uncaught)[:200]
    return None, None, "atexit"


def tell_listening(port: int | None) -> None:
    """Tell every probe of this process that the server's port is open."""
    for probe in list(_probes):
        probe.listening(port)


def begin_all() -> None:
    """Let every probe of this process report, also where it has nothing to say yet."""
    for probe in list(_probes):
        if probe.life is not None:
            probe.life.begin()


def _checked(contract: Contract | None) -> Checked:
    try:
        checked = check(contract)
    except Exception as error:  # noqa: BLE001 - a contract of the wrong types must not stop the service
        trouble("Contract", error)
        return check(None)
    for problem in checked.problems:
        say_once(f"contract:{problem}", "left out of the contract: %s", problem)
    return checked


def _after_fork_in_child() -> None:
    boots.note_fork()
    # A process that a worker forks does not serve the worker's port.
    listeners.forget()
    for probe in list(_probes):
        probe.forked()


def _after_fork_in_parent() -> None:
    for probe in list(_probes):
        probe.has_forked()


def _at_exit_all() -> None:
    for probe in list(_probes):
        probe.at_exit()


atexit.register(_at_exit_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)
