"""What a service declares about its start: phases, gate, budgets, limits, code book."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Annotated, Literal

from msgspec import Meta, Struct

from ingest.domain.words import PhaseKind

DEFAULT_SETTLE = 10.0  # s after the gate in which an early socket's end still counts as a false start
DEFAULT_STARTUP = 240.0  # s for which a polite refusal stays expected
DEFAULT_CLOCK_UNCERTAINTY = 1.0  # s between two hosts' clocks, at least
DEFAULT = "default"  # whose value it is that nobody stated
MAX_LISTED = 500  # phases of a contract, and names in any list

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Names = Annotated[tuple[Name, ...], Meta(max_length=MAX_LISTED)]
Seconds = Annotated[float, Meta(ge=0, le=1e9)]
CodeMeaning = Literal["policy", "expected", "application"]


class PhaseSpec(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One phase of a contract."""

    name: Name
    required: bool = True  # Whether the gate waits for it.
    depends_on: Names = ()  # Phases that must have ended before it starts.
    kind: PhaseKind = PhaseKind.WORK


class Declared(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A contract as somebody stated it; a field left out is None and takes its default."""

    phases: Annotated[tuple[Name | PhaseSpec, ...], Meta(max_length=MAX_LISTED)] | None = None
    gate: Name | None = None
    budgets: dict[Name, Seconds] | None = None
    settle: Seconds | None = None
    startup: Seconds | None = None
    clock_uncertainty: Seconds | None = None
    codes: dict[Annotated[str, Meta(pattern=r"^[1-4][0-9]{3}$(?!\n)")], CodeMeaning] | None = None


Version = tuple[int, Declared]  # A statement with its number within its environment.


class Contract(Struct, frozen=True, kw_only=True):
    """The contract in force; all times in seconds."""

    phases: tuple[PhaseSpec, ...] = ()
    gate: str | None = None  # The phase after which sockets are safe; None where nothing is declared.
    budgets: dict[str, float] = {}
    settle: float = DEFAULT_SETTLE
    startup: float = DEFAULT_STARTUP
    clock_uncertainty: float = DEFAULT_CLOCK_UNCERTAINTY
    codes: dict[str, CodeMeaning] = {}
    sources: dict[str, str] = {}  # Whose statement each field is; not for fields that nobody stated.

    def source(self, field: str) -> str:
        """Return whose value a field's is, in words."""
        return self.sources.get(field, DEFAULT)

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


def effective(*stated: Declared | None, whose: Sequence[str] = ()) -> Contract:
    """Merge statements into the contract in force; per field the first that states it wins.

    Give them in order of precedence: a person's, then the declared one. `whose` says in words whose each is.
    """
    fields: dict[str, object] = {}
    sources: dict[str, str] = {}
    for declared, words in zip_longest(stated, whose):
        for name in Declared.__struct_fields__ if declared is not None else ():
            if name not in fields and (value := getattr(declared, name)) is not None:
                fields[name] = value
                sources[name] = words or ""
    phases = tuple(PhaseSpec(name=p) if isinstance(p, str) else p for p in fields.pop("phases", ()))  # type: ignore[attr-defined]
    required = [spec.name for spec in phases if spec.required]
    if "gate" not in fields and "phases" in sources:
        sources["gate"] = sources["phases"]
    fields.setdefault("gate", required[-1] if required else None)
    return Contract(phases=phases, sources=sources if whose else {}, **fields)  # type: ignore[arg-type]


def in_force(person: Version | None, declared: Version | None) -> Contract:
    """Return the contract in force where a person stated one version and the boot declared another."""
    said = [("a person", person), ("declared", declared)]
    present = [(f"{by}, version {version[0]}", version[1]) for by, version in said if version is not None]
    return effective(*(stated for _, stated in present), whose=[whose for whose, _ in present])
