"""What a service declares about its start: phases, gate, budgets, limits, code book."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from ingest.domain.words import PhaseKind

DEFAULT_SETTLE = 10.0  # s after the gate in which an early socket's end still counts as a false start
DEFAULT_STARTUP = 240.0  # s for which a polite refusal stays expected
DEFAULT_CLOCK_UNCERTAINTY = 1.0  # s between two hosts' clocks, at least

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Seconds = Annotated[float, Meta(ge=0, le=1e9)]
CodeMeaning = Literal["policy", "expected", "application"]


class PhaseSpec(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One phase of a contract."""

    name: Name
    required: bool = True  # Whether the gate waits for it.
    depends_on: tuple[Name, ...] = ()  # Phases that must have ended before it starts.
    kind: PhaseKind = PhaseKind.WORK


class Declared(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A contract as somebody stated it; a field left out is None and takes its default."""

    phases: tuple[Name | PhaseSpec, ...] | None = None
    gate: Name | None = None
    budgets: dict[Name, Seconds] | None = None
    settle: Seconds | None = None
    startup: Seconds | None = None
    clock_uncertainty: Seconds | None = None
    codes: dict[Annotated[str, Meta(pattern=r"^[1-4][0-9]{3}$(?!\n)")], CodeMeaning] | None = None


class Contract(Struct, frozen=True, kw_only=True):
    """The contract in force; all times in seconds."""

    phases: tuple[PhaseSpec, ...] = ()
    gate: str | None = None  # The phase after which sockets are safe; None where nothing is declared.
    budgets: dict[str, float] = {}
    settle: float = DEFAULT_SETTLE
    startup: float = DEFAULT_STARTUP
    clock_uncertainty: float = DEFAULT_CLOCK_UNCERTAINTY
    codes: dict[str, CodeMeaning] = {}

    def spec(self, name: str) -> PhaseSpec | None:
        """Return the declared phase of that name, or None."""
        return next((spec for spec in self.phases if spec.name == name), None)

    def guards(self) -> tuple[str, ...]:
        """Return the phases that must have ended `ok` for the gate to be passed, in contract order."""
        if self.gate is None:
            return ()
        names = [spec.name for spec in self.phases]
        until = names.index(self.gate) if self.gate in names else len(names)
        required = [spec.name for spec in self.phases[:until] if spec.required]
        return (*required, self.gate)


def effective(*stated: Declared | None) -> Contract:
    """Merge statements into the contract in force; per field the first that states it wins.

    Give them in order of precedence: a person's, then the declared one.
    """
    present = [declared for declared in stated if declared is not None]

    def first(field: str) -> object:
        return next((v for d in present if (v := getattr(d, field)) is not None), None)

    fields = {name: value for name in Declared.__struct_fields__ if (value := first(name)) is not None}
    phases = tuple(PhaseSpec(name=p) if isinstance(p, str) else p for p in fields.pop("phases", ()))  # type: ignore[attr-defined]
    required = [spec.name for spec in phases if spec.required]
    fields.setdefault("gate", required[-1] if required else None)
    return Contract(phases=phases, **fields)  # type: ignore[arg-type]
