"""One socket laid on its boot's timeline: what the rules ask about. Ages in seconds."""

from dataclasses import dataclass

from ingest.domain.clocks import SERVICE, UNKNOWN, Clocks, clock_in
from ingest.domain.sockets import NO_FRAME, SocketFacts, role_of
from ingest.domain.timeline import Conclusion, Timeline, latest
from ingest.domain.words import BootState, Origin, Outcome, Role


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One socket and its boot."""

    socket: SocketFacts
    timeline: Timeline
    clocks: Clocks  # Of those who reported either.
    outcome: Outcome  # How it stands, given what became of its boot.
    ended: float | None  # When it ended, given that.
    ended_refs: tuple[str, ...]  # The events that say that it did, and how.
    ended_age_ref: str | None  # The event that says when.
    left_open: bool  # Whether it was open when its boot ended or fell silent.

    @property
    def opened(self) -> float | None:
        """Return the age at which it was opened."""
        return self.socket.opened_age

    @property
    def origin(self) -> Origin:
        """Return whose act ended it."""
        return self.socket.origin or Origin.UNKNOWN

    @property
    def code(self) -> int | None:
        """Return the close code, or None where no close frame was seen."""
        return None if self.socket.code == NO_FRAME else self.socket.code

    @property
    def status(self) -> int | None:
        """Return the HTTP status of a refused handshake."""
        return self.socket.status

    @property
    def accepted(self) -> bool:
        """Return whether the handshake succeeded."""
        if self.socket.accepted_age is not None:
            return True
        # A client without an accept and without a code only says that its attempt came to nothing.
        told_inside = str(Role.SERVICE) in self.socket.reporters or self.code is not None
        return self.outcome is not Outcome.REJECTED and told_inside

    @property
    def ended_by_service(self) -> bool:
        """Return whether the end that counts was reported from inside the process."""
        return role_of(self.socket.ended_ref) == Role.SERVICE

    @property
    def told_by_client_alone(self) -> bool:
        """Return whether only the side that opened it reported it."""
        return not set(self.socket.reporters) - {Role.CLIENT, Role.DRILL}

    @property
    def before_gate(self) -> bool | None:
        """Return whether it was opened before the gate; at the gate is not before."""
        if self.opened is None or not self.timeline.gate_known:
            return None
        return self.timeline.ready_age is None or self.opened < self.timeline.ready_age

    @property
    def margin(self) -> float | None:
        """Return gate time minus opening, in seconds."""
        if self.opened is None or self.timeline.ready_age is None:
            return None
        return self.timeline.ready_age - self.opened

    @property
    def early(self) -> bool:
        """Return whether it was opened before the gate and did not outlive the start."""
        if not self.before_gate:
            return False
        ready = self.timeline.ready_age
        return ready is None or self.ended is None or self.ended <= ready + self.timeline.contract.settle

    @property
    def outlived(self) -> float | None:
        """Return by how many seconds it outlived the gate and `settle`; negative: it did not."""
        if self.ended is None or self.timeline.ready_age is None:
            return None
        return self.ended - self.timeline.ready_age - self.timeline.contract.settle

    @property
    def failed_guards(self) -> tuple[Conclusion, ...]:
        """Return what had failed, at its opening, of the phases that the gate waits for."""
        if self.opened is None:
            return ()
        standing = latest(self.timeline.conclusions, self.opened)
        guards = dict.fromkeys(self.timeline.contract.guards())
        return tuple(c for name in guards if (c := standing.get(name)) is not None and not c.ok)

    def close_call(self, difference: float | None, *refs: str | None) -> bool:
        """Return whether a difference in seconds, taken between two clocks, could have been the other way.

        `refs` are the events on either side of it.
        """
        return difference is not None and abs(difference) < self.uncertainty(*refs)

    def uncertainty(self, *refs: str | None) -> float:
        """Return by how many seconds such a difference may be wrong; 0 within the process."""
        told = self.told_by(*refs)
        if told == {SERVICE}:
            return 0.0
        return max(self.timeline.contract.clock_uncertainty, self.clocks.apart(told))

    def told_by(self, *refs: str | None) -> set[str]:
        """Return the clocks of these events, and the boot's own, on whose axis they were laid."""
        return {SERVICE, *(clock_in(ref) for ref in refs if ref is not None)}

    @property
    def side_is_doubtful(self) -> bool:
        """Return whether its side of the gate was decided by less than the clock uncertainty."""
        return self.close_call(self.margin, self.socket.opened_ref, *self.timeline.gate_refs)

    @property
    def outliving_is_doubtful(self) -> bool:
        """Return whether by less than that it outlived the start, or did not."""
        return self.close_call(self.outlived, self.ended_age_ref, *self.timeline.gate_refs)


def case_of(socket: SocketFacts, timeline: Timeline, clocks: Clocks = UNKNOWN) -> Case:
    """Lay a socket on a timeline: what was open when the boot ended or fell silent is lost."""
    outcome, ended, left = socket.outcome, socket.ended_age, False
    refs: tuple[str, ...] = (socket.ended_ref,) if socket.ended_ref else ()
    when = socket.ended_age_ref
    if outcome is Outcome.OPEN and timeline.exit is not None:
        outcome, ended, left, refs = Outcome.LOST, timeline.exit.age, True, timeline.exit.refs
        when = refs[0]
    elif outcome is Outcome.OPEN and timeline.state is BootState.SILENT:
        outcome, left = Outcome.LOST, True
    return Case(
        socket=socket,
        timeline=timeline,
        clocks=clocks,
        outcome=outcome,
        ended=ended,
        ended_refs=refs,
        ended_age_ref=when,
        left_open=left,
    )
