"""When sockets became safe, as far as the process itself can tell."""

OK = "ok"


class GateWatch:
    """Follows the phases that the contract puts at or before the gate.

    The server decides for good; the probe needs its own answer to know how long to list every opening.
    """

    def __init__(self, gated_by: tuple[str, ...]) -> None:
        """`gated_by`: phases that must end `ok`; empty means that the ready claim is the gate."""
        self._waiting_for = set(gated_by)
        self.claimable = not gated_by
        self.passed_age: float | None = None

    def phase_finished(self, phase: str, status: str, age: float) -> None:
        """Note how a phase ended at `age` seconds."""
        if self.passed_age is not None or self.claimable:
            return
        if status == OK:
            self._waiting_for.discard(phase)
        if not self._waiting_for:
            self.passed_age = age

    def claimed(self, age: float) -> None:
        """Note that the service called itself ready at `age` seconds."""
        if self.passed_age is None and self.claimable:
            self.passed_age = age
