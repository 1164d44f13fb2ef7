"""What is wrong with a body, and where: pointers, sentences, and texts that no database can store."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from ingest.domain.events import Resource

FIRST, LAST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)  # of allowed stamps
BEYOND = f"A stamp must lie between {FIRST:%Y} and {LAST:%Y}"
NUL = b"\\u0000"  # as JSON must spell it; PostgreSQL cannot store it
UNSTORABLE = "NUL and lone surrogates cannot be stored"
MAX_DETAIL = 300  # characters of a sentence, which may quote what was sent
MAX_POINTER = 1_000  # characters below an event; its keys may be as long as the event
MAX_LONE = 10_000  # surrogates to mend in one body; each takes a turn of a loop

_AT = re.compile(r"(?:`key` in )?`\$(?P<path>.*)`", re.DOTALL)
_MISSING = re.compile(r"Object (?:missing required|contains unknown) field `(?P<name>[^`]+)`")
_NAMED = re.compile(r"`(?P<name>\w+)` .*")  # how our own checks begin their sentences
# Attribute names hold dots, so they come before the plain step; `[...]` is a value of a dict, key unknown.
_ATTRIBUTES = "|".join(re.escape(name) for name in Resource.__struct_encode_fields__)
_STEP = re.compile(rf"\.(?P<name>{_ATTRIBUTES}|[A-Za-z_][A-Za-z0-9_]*)|\[(?P<index>\d+)\]")

_SURROGATE = rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
_PAIR = rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
# From the left and escape by escape, since in `\\\\ud800` there is no surrogate. Without a way back, or a
# body of escapes would take gigabytes; in pieces, or nothing else would run meanwhile.
_WHOLE = re.compile(rb"(?:[^\\]++|%s|(?!%s)\\(?:.|\Z)){0,20000}+" % (_PAIR, _SURROGATE), re.DOTALL)
_LONE = re.compile(rb"(?!%s)%s" % (_PAIR, _SURROGATE))


def explain(message: str) -> tuple[str, str]:
    """Turn the decoder's message into a JSON pointer and a sentence."""
    before, _, place = message.rpartition(" - at ")
    at = _AT.fullmatch(place)
    detail = before if at else message
    steps = [m["name"] or m["index"] for m in _STEP.finditer(at["path"])] if at else []
    named = _MISSING.fullmatch(detail) or _NAMED.fullmatch(detail)
    if named:
        steps.append(named["name"])
    return "".join(f"/{escape(step)}" for step in steps), clip(detail)


def clip(detail: str) -> str:
    """Return a sentence that is no longer than an answer should repeat of it."""
    return detail if len(detail) <= MAX_DETAIL else f"{detail[:MAX_DETAIL]}…"


def escape(name: str) -> str:
    """Return one step of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def beyond(stamped: object, names: Iterable[str]) -> str | None:
    """Return the stamp that leaves the range in which a database and arithmetic can follow."""
    for name in names:
        stamp = getattr(stamped, name)
        if stamp is not None and not FIRST <= stamp <= LAST:
            return name
    return None


def nul_in(value: object, path: str = "") -> str | None:
    """Return the JSON pointer of the first string that holds a NUL, or None."""
    match value:
        case str():
            return path if "\0" in value else None
        case dict():
            steps = [(str(name), inner) for name, inner in value.items()]
        case list() | tuple():
            steps = [(str(index), inner) for index, inner in enumerate(value)]
        case _:
            return None
    for name, inner in steps:
        if "\0" in name:
            return path
        if (found := nul_in(inner, f"{path}/{escape(name)}")) is not None:
            return found if len(found) <= MAX_POINTER else path
    return None


def mend(body: bytes) -> bytes:
    """Return a body with every lone surrogate replaced by a NUL, which is found again where it lies.

    Browsers write half an emoji as a lone surrogate: JSON by its grammar, but no text. It is to cost its
    event and not the batch. Beyond `MAX_LONE` the body is left as it is.
    """
    mended = bytearray(body)
    place = left = 0
    while place < len(body) and left < MAX_LONE:
        place = _WHOLE.match(body, place).end()  # type: ignore[union-attr] # nothing is a match, too
        if _LONE.match(body, place):
            mended[place : place + len(NUL)] = NUL
            place += len(NUL)
            left += 1
    return bytes(mended)
