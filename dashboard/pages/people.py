"""The pages about people and what they did, in words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard.figures.numbers import plural
from dashboard.queries.audit import Entry
from dashboard.queries.people import Lock, Person
from ingest.domain.people import Role

STATES = {
    "active": ("circle-check", "ready"),
    "has set no password": ("circle-dotted", "starting"),
    "sign-in locked": ("lock", "degraded"),
    "deactivated": ("circle-off", "stopped"),
    "no role": ("help-octagon", "degraded"),
}  # icon, and the boot state whose colour it has
MOMENT = re.compile(r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)\+00:00$")  # As acts keep the end of a key.


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """An account as the pages show it."""

    person: Person
    state: str
    icon: str
    colour: str


def shown(person: Person, locks: Sequence[Lock]) -> Shown:
    """Return an account with how it stands in words."""
    state = state_of(person, locks)
    icon, colour = STATES[state]
    return Shown(person=person, state=state, icon=icon, colour=colour)


def state_of(person: Person, locks: Sequence[Lock]) -> str:
    """Return how an account stands; the first that applies."""
    if not person.active:
        return "deactivated"
    if any(lock.username == person.username for lock in locks):
        return "sign-in locked"
    if person.role is None:
        return "no role"
    return "has set no password" if person.invited else "active"


def title_of_one(person: Person) -> str:
    """Return the answer of somebody's page in a sentence."""
    if not person.active:
        return f"{person.username} cannot sign in"
    if person.role is None:
        return f"{person.username} has no role"
    return f"{person.username} is {with_article(person.role)}"


def with_article(role: Role) -> str:
    """Return a role as one is it: `a viewer`, `an admin`."""
    return f"{'an' if role is Role.ADMIN else 'a'} {role}"


def title_of(people: Sequence[Person], locks: Sequence[Lock]) -> str:
    """Return the people page's answer in a sentence."""
    able = sum(person.active and not person.invited for person in people)
    said = f"{plural(able, 'person', 'people')} can sign in"
    return f"{said}, {plural(len(locks), 'sign-in')} locked" if locks else said


def acts_title(number: int) -> str:
    """Return how much is on record."""
    return f"{plural(number, 'act')} on record" if number else "Nothing has been done yet"


def changes(entry: Entry) -> list[tuple[str, str]]:
    """Return what an act changed: each field, and in words what became of it."""
    names = dict.fromkeys([*entry.before, *entry.after])
    return [(name, _change(name, entry.before, entry.after)) for name in names]


def _change(name: str, before: Mapping[str, object], after: Mapping[str, object]) -> str:
    now = _said(after.get(name))
    return f"{_said(before[name])} → {now}" if name in before else now


def _said(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "none" if value is None else MOMENT.sub(r"\1 \2 UTC", str(value))
