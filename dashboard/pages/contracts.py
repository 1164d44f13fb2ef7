"""Contracts in words: what is in force, where each field comes from, and what a version changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from dashboard.figures.numbers import limit, plural
from dashboard.queries.contracts import Terms, Version
from ingest.domain.contract import Contract, Declared, PhaseSpec, effective

PERSON, DECLARED, DEFAULT = "person", "declared", "default"
NONE = "none"
FIELDS = {
    "phases": ("Phases", "In order. The gate waits for those that are required."),
    "gate": ("Gate", "The phase after which sockets are safe; by default the last required one."),
    "budgets": ("Budgets", "Configured waits, shown beside what was measured."),
    "settle": ("Settle", "After the gate an early socket's end still counts as a false start for so long."),
    "startup": ("Startup", "For so long a polite refusal is expected."),
    "clock_uncertainty": ("Clock uncertainty", "Between two hosts, at least."),
    "codes": ("Close codes", "What the service's own codes mean."),
}  # title, and what it is for


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """A field of the contract in force."""

    name: str
    title: str
    about: str
    value: Sequence[str]  # A line for each part; one of `none` where it is empty.
    source: str  # `person`, `declared` or `default`.
    version: Version | None  # The one that states it; None for a default.
    since: Version | None  # The one from which on it has been stated so, as far as the history goes.
    otherwise: Sequence[str]  # What would apply without the person's word; empty where there is none.
    otherwise_source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Past:
    """A version with what it changed against the one before of its kind."""

    version: Version
    changes: Sequence[str]
    current: bool  # Whether anything that is in force comes from it.


def in_force(terms: Terms) -> Contract:
    """Return the contract in force for a boot that declares what the newest one does."""
    return effective(terms.by_person, terms.by_service)


def fields_of(terms: Terms, history: Sequence[Version] = ()) -> list[Field]:
    """Return the contract in force, field by field; `history` is newest first, and tells since when."""
    now, without = in_force(terms), effective(terms.by_service)
    return [_field(name, terms, now, without, history) for name in FIELDS]


def _field(name: str, terms: Terms, now: Contract, without: Contract, history: Sequence[Version]) -> Field:
    source, version = source_of(name, terms.person, terms.declared)
    beside, _ = source_of(name, None, terms.declared)
    title, about = FIELDS[name]
    return Field(
        name=name,
        title=title,
        about=about,
        value=lines(name, now),
        source=source,
        version=version,
        since=_since(name, version, history) if version else None,
        otherwise=lines(name, without) if source == PERSON else (),
        otherwise_source=beside,
    )


def _since(name: str, version: Version, history: Sequence[Version]) -> Version:
    """Return the oldest version, without a gap before this one, that states the same of a field."""
    mine = (old for old in history if old.by_person == version.by_person and old.version < version.version)
    stated = lines(name, version.stated)
    same = list(takewhile(lambda old: lines(name, old.stated) == stated, mine))
    return same[-1] if same else version


def source_of(name: str, person: Version | None, declared: Version | None) -> tuple[str, Version | None]:
    """Return where a field comes from, and the version that states it."""
    for source, version in ((PERSON, person), (DECLARED, declared)):
        if version and getattr(version.stated, name) is not None:
            return source, version
    return DEFAULT, None


def lines(name: str, contract: Contract | Declared) -> list[str]:
    """Return a field's value in words, a line for each of its parts."""
    value = getattr(contract, name)
    if value is None or value in ((), {}):
        return [NONE]
    if name == "phases":
        return [phase_words(spec) for spec in specs(value)]
    if name == "budgets":
        return [f"{key} {limit(seconds)}" for key, seconds in value.items()]
    if name == "codes":
        return [f"{code} {meaning}" for code, meaning in sorted(value.items())]
    return [limit(value) if isinstance(value, int | float) else value]


def specs(phases: Iterable[str | PhaseSpec]) -> list[PhaseSpec]:
    """Return phases in their long form."""
    return [PhaseSpec(name=phase) if isinstance(phase, str) else phase for phase in phases]


def phase_words(spec: PhaseSpec) -> str:
    """Return a phase with what is special about it: `cache, optional, after database`."""
    said = [spec.name]
    said += [] if spec.required else ["optional"]
    said += ["waits"] if spec.kind == "wait" else []
    said += [f"after {' and '.join(spec.depends_on)}"] if spec.depends_on else []
    return ", ".join(said)


def listing_title(places: Sequence[Terms]) -> str:
    """Return the answer of the page of all contracts in a sentence."""
    if not places:
        return "No service has reported yet"
    stated = sum(place.person is not None for place in places)
    declared = sum(place.declared is not None for place in places)
    share = (
        plural(declared, "service") if declared == len(places) else f"{declared} of {len(places)} services"
    )
    said = f"{share} {'declares' if declared == 1 else 'declare'} a contract"
    return f"{said}, people set fields of {stated}" if stated else said


def title_of(terms: Terms) -> str:
    """Return the answer of the page of one contract in a sentence."""
    contract = in_force(terms)
    gate = (
        f"sockets are safe after {contract.gate}" if contract.gate else "nothing says when sockets are safe"
    )
    by_people = sum(field.source == PERSON for field in fields_of(terms))
    return f"{gate[0].upper()}{gate[1:]}" + (
        f", {plural(by_people, 'field')} set by people" if by_people else ""
    )


def past(history: Sequence[Version], terms: Terms) -> list[Past]:
    """Return versions, newest first, each with what it changed."""
    found: list[Past] = []
    in_use = {field.version.version for field in fields_of(terms) if field.version}
    before: dict[bool, Declared] = {}
    for version in reversed(history):
        old = before.get(version.by_person, Declared())
        before[version.by_person] = version.stated
        changes = differences(old, version.stated)
        found.append(Past(version=version, changes=changes, current=version.version in in_use))
    return found[::-1]


def differences(old: Declared | Contract, new: Declared | Contract) -> list[str]:
    """Return in words what a statement, or a contract, changes against another."""
    found: list[str] = []
    for name, (title, _) in FIELDS.items():
        was, now = getattr(old, name), getattr(new, name)
        if name == "phases":
            was, now = was and tuple(specs(was)), now and tuple(specs(now))
        if was != now:
            found += _difference(title, name, was, now)
    return found


def _difference(title: str, name: str, was: object, now: object) -> list[str]:
    if now is None:
        return [f"{title}: not stated any more"]
    if not was or not now or not isinstance(now, tuple | Mapping):
        before = f"{_said(name, was)} → " if was else ""
        return [f"{title}: {before}{_said(name, now)}"]
    old, new = _parts(name, was), _parts(name, now)
    said = [f"added {new[key]}" for key in new if key not in old]
    said += [f"removed {key}" for key in old if key not in new]
    said += [f"{old[key]} → {new[key]}" for key in new if key in old and old[key] != new[key]]
    order = [key for key in old if key in new] != [key for key in new if key in old]
    said += ["in another order"] if order and name == "phases" else []
    return [f"{title}: {one}" for one in said]


def _said(name: str, value: object) -> str:
    if name == "phases" and isinstance(value, tuple):
        return " → ".join(phase_words(spec) for spec in value) or NONE
    return ", ".join(_parts(name, value).values()) or NONE


def _parts(name: str, value: object) -> dict[str, str]:
    """Return a field's parts in words, by what they are the same by."""
    if value is None:
        return {}
    if isinstance(value, tuple):
        return {spec.name: phase_words(spec) for spec in value}
    if isinstance(value, Mapping):
        words = {key: limit(part) if name == "budgets" else part for key, part in value.items()}
        return {key: f"{key} {part}" for key, part in words.items()}
    return {name: limit(value) if isinstance(value, int | float) else str(value)}


def doubts(contract: Contract) -> list[str]:
    """Return what is allowed in a contract and probably a mistake."""
    names = {spec.name for spec in contract.phases}
    found = []
    if contract.gate and names and contract.gate not in names:
        found.append(
            f"The gate {contract.gate} is none of the phases: it is passed when a phase of that name ends."
        )
    found += [
        f"{spec.name} comes after {other}, which is none of the phases."
        for spec in contract.phases
        for other in spec.depends_on
        if other not in names
    ]
    if contract.gate and any(spec.name == contract.gate and not spec.required for spec in contract.phases):
        found.append(f"The gate {contract.gate} is an optional phase: the gate waits for it all the same.")
    return found
