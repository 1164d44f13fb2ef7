"""What people state about a contract: typed field by field, checked by the types of the wire.

A field that is left alone stays with the service, or else with its default. Lists are tables of rows; an
empty row is no row. What was typed is kept as it was typed, so that an error costs nobody their work.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from io import StringIO
from math import isfinite
from typing import Any

import msgspec

from dashboard.pages.contracts import FIELDS, Field, specs
from ingest.domain.contract import Contract, Declared, PhaseSpec

MORE = 3  # empty rows at the end of a list
MOST_ROWS = 200  # of one list
LAST = 100_000  # the place of a row that says none
LONGEST_REASON = 2000  # characters
LISTS = ("phases", "budgets", "codes")
SCALARS = ("gate", "settle", "startup", "clock_uncertainty")
SECONDS = ("settle", "startup", "clock_uncertainty")
MEANINGS = ("policy", "expected", "application")
UNSTORABLE = "NUL cannot be stored."
LEFT = "You changed this, but it is left to the service. Choose “Set here”, or undo the change."

_declared = msgspec.json.Decoder(Declared)
PLAIN = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (r"Expected `str` of length >= 1\b", "A name must not be empty"),
        (r"Expected `str` of length <= (\d+)", r"A name has \1 characters at most"),
        (r"Expected `str` matching regex .*", "A code has four digits, from 1000 to 4999"),
        (r"Expected `float` >= 0\.0", "It must be 0 s or more"),
        (r"Expected `float` <= .*", "It is longer than 31 years"),
    )
)  # what the wire's types say, and how people are told
_ROW = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A row of a list, as typed; which of them a list has is in `COLUMNS`."""

    name: str = ""  # Of a phase or budget; a close code.
    value: str = ""  # Seconds of a budget, meaning of a code, `required` or `optional` of a phase.
    kind: str = "work"  # Of a phase.
    after: str = ""  # Of a phase: names parted by commas, quoted where they hold one.
    order: str = ""  # Of a phase: its place, a whole number.


COLUMNS = {
    "phases": ("name", "value", "kind", "after", "order"),
    "budgets": ("name", "value"),
    "codes": ("name", "value"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Typed:
    """The form as it stands in the page."""

    scalars: Mapping[str, str]
    lists: Mapping[str, Sequence[Line]]
    here: frozenset[str]  # Lists that are set here.
    reason: str = ""
    after: int = 0  # The latest version that the writer saw.
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)  # By field, sentences.


@dataclass(frozen=True, kw_only=True, slots=True)
class Input:
    """One field of the form, as its template needs it."""

    name: str
    title: str
    about: str
    otherwise: str  # What applies where it is left alone.
    otherwise_source: str
    errors: Sequence[str]
    text: str = ""  # Of a scalar.
    seconds: bool = False  # Whether it is a number of seconds.
    lines: Sequence[Line] = ()  # Of a list, with empty rows at its end.
    here: bool = False  # Whether a list is set here.


def inputs(form: Typed, fields: Iterable[Field]) -> list[Input]:
    """Return the form field by field, beside the contract in force."""
    return [_input(form, one) for one in fields]


def _input(form: Typed, one: Field) -> Input:
    beside = one.otherwise or one.value
    is_list = one.name in LISTS
    return Input(
        name=one.name,
        title=one.title,
        about=one.about,
        otherwise=", ".join(beside) if one.name != "phases" else " → ".join(beside),
        otherwise_source=one.otherwise_source,
        errors=form.errors.get(one.name, ()),
        text="" if is_list else form.scalars[one.name],
        seconds=one.name in SECONDS,
        lines=[*form.lists[one.name], *[Line()] * MORE] if is_list else (),
        here=one.name in form.here,
    )


def prefilled(stated: Declared | None, contract: Contract, after: int) -> Typed:
    """Return the form for a contract: what people state, and beside it the lists as they are in force."""
    person = stated or Declared()
    here = frozenset(name for name in LISTS if getattr(person, name) is not None)
    scalars = {name: _text(getattr(person, name)) for name in SCALARS}
    lists = {name: _lines(name, person if name in here else contract) for name in LISTS}
    return Typed(scalars=scalars, lists=lists, here=here, after=after)


def typed(posted: Mapping[str, str]) -> Typed:
    """Return the form as it was posted."""
    after = posted.get("after", "")
    return Typed(
        scalars={name: posted.get(name, "").strip() for name in SCALARS},
        lists={name: _posted_lines(name, posted) for name in LISTS},
        here=frozenset(name for name in LISTS if posted.get(f"{name}-set") == "here"),
        reason=posted.get("reason", "").strip(),
        after=int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0,
    )


def checked(form: Typed, contract: Contract) -> tuple[Declared | None, Typed]:
    """Return the statement, or None and the form with its errors. `contract` is the one in force."""
    wanted: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name in FIELDS:
        value, wrong = _list(name, form, contract) if name in LISTS else _scalar(name, form.scalars[name])
        if wrong:
            errors[name] = wrong
        elif value is not None:
            wanted[name] = value
    if wrong := wrong_with(form.reason):
        errors["reason"] = wrong
    if errors:
        return None, replace(form, errors=errors)
    return msgspec.convert(wanted, Declared), form


def wrong_with(reason: str) -> list[str]:
    """Return what a reason lacks; nothing where it will do."""
    if not reason:
        return ["Say why: whoever reads the history will ask."]
    if len(reason) > LONGEST_REASON or "\0" in reason:
        return [f"At most {LONGEST_REASON} characters, without NUL."]
    return []


def restated(text: str) -> Declared | None:
    """Return a statement as a preview carries it, or None where it was tampered with."""
    try:
        return None if "\\u0000" in text else _declared.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None


def _scalar(name: str, text: str) -> tuple[Any, list[str]]:
    if not text:
        return None, []
    if "\0" in text:
        return None, [UNSTORABLE]
    value = _seconds(text) if name in SECONDS else text
    if value is None:
        return None, [f"{text!r} is not a number of seconds."]
    return value, _wrong({name: value})


def _list(name: str, form: Typed, contract: Contract) -> tuple[Any, list[str]]:
    lines = form.lists[name]
    if any("\0" in cell for line in lines for cell in astuple(line)):
        return None, [UNSTORABLE]
    value, wrong = READERS[name](lines)
    wrong = wrong or _wrong({name: value})
    if name in form.here:
        return value, wrong
    # Rows were there to be looked at. Whoever changed them wanted something, and must not lose it unnoticed.
    return None, [LEFT] if wrong or _parts(name, value) != _in_parts(name, contract) else []


def _phases(lines: Sequence[Line]) -> tuple[Any, list[str]]:
    wrong = [
        f"{line.name}: its place {line.order!r} is no whole number." for line in lines if _place(line) < 0
    ]
    wrong += _twice(line.name for line in lines)
    try:
        return [_spec(line) for line in sorted(lines, key=_place)], wrong
    except csv.Error as error:
        return None, [f"The names that a phase comes after cannot be read: {error}."]


def _spec(line: Line) -> str | dict[str, Any]:
    said: dict[str, Any] = {}
    if line.value == "optional":
        said["required"] = False
    if line.kind != "work":
        said["kind"] = line.kind
    if line.after:
        said["depends_on"] = next(csv.reader([line.after], skipinitialspace=True))
    return {"name": line.name, **said} if said else line.name


def _budgets(lines: Sequence[Line]) -> tuple[Any, list[str]]:
    wrong = [f"{line.name or 'A row without a name'}: {line.value!r} is not a number of seconds."
             for line in lines if _seconds(line.value) is None]  # fmt: skip
    wrong += _twice(line.name for line in lines)
    return {line.name: _seconds(line.value) for line in lines}, wrong


def _codes(lines: Sequence[Line]) -> tuple[Any, list[str]]:
    return {line.name: line.value for line in lines}, _twice(line.name for line in lines)


READERS: Mapping[str, Callable[[Sequence[Line]], tuple[Any, list[str]]]] = {
    "phases": _phases,
    "budgets": _budgets,
    "codes": _codes,
}


def _wrong(said: Mapping[str, Any]) -> list[str]:
    """Return what the wire's own types have against a field."""
    try:
        msgspec.convert(said, Declared)
    except msgspec.ValidationError as error:
        detail, _, path = str(error).partition(" - at ")
        row = _ROW.search(path)
        plain = next((pattern.sub(said, detail) for pattern, said in PLAIN if pattern.search(detail)), detail)
        return [f"{f'Row {int(row[1]) + 1}: ' if row else ''}{plain}."]
    return []


def _parts(name: str, value: object) -> object:
    return specs(msgspec.convert({name: value}, Declared).phases or ()) if name == "phases" else value


def _in_parts(name: str, contract: Contract) -> object:
    return list(contract.phases) if name == "phases" else getattr(contract, name)


def _twice(names: Iterable[str]) -> list[str]:
    seen = Counter(names)
    return [f"{name} is there {number} times." for name, number in seen.items() if number > 1]


def _place(line: Line) -> int:
    """Return where a phase comes; at the end without a word, −1 for what is no place."""
    if not line.order:
        return LAST
    return int(line.order) if line.order.isascii() and line.order.isdigit() and len(line.order) < 6 else -1


def _seconds(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None


def _text(value: object) -> str:
    return "" if value is None else f"{value:.12g}" if isinstance(value, int | float) else str(value)


def _lines(name: str, said: Contract | Declared) -> list[Line]:
    if name == "phases":
        return [_phase_line(place, spec) for place, spec in enumerate(specs(said.phases or ()), 1)]
    return [Line(name=key, value=_text(part)) for key, part in (getattr(said, name) or {}).items()]


def _phase_line(place: int, spec: PhaseSpec) -> Line:
    row = StringIO()
    csv.writer(row, lineterminator="").writerow(spec.depends_on)
    value = "required" if spec.required else "optional"
    return Line(name=spec.name, value=value, kind=spec.kind, after=row.getvalue(), order=str(place))


def _posted_lines(name: str, posted: Mapping[str, str]) -> list[Line]:
    found: list[Line] = []
    for row in range(MOST_ROWS):
        if f"{name}-{row}-name" not in posted:
            break
        cells = {column: posted.get(f"{name}-{row}-{column}", "").strip() for column in COLUMNS[name]}
        found.append(Line(**{column: text for column, text in cells.items() if text}))
    return [line for line in found if line.name or (name == "budgets" and line.value)]
