"""Contracts in words."""

from datetime import UTC, datetime

import pytest

from dashboard.pages import contracts as words
from dashboard.queries.contracts import Place, Terms, Version
from ingest.domain.contract import Declared, PhaseSpec, effective
from ingest.domain.words import PhaseKind

AT = datetime(2026, 9, 16, 12, tzinfo=UTC)
PLACE = Place(id=1, service="chat", environment="demo")


def version(number: int, stated: Declared, *, by: str = "") -> Version:
    return Version(version=number, by_person=bool(by), by=by, reason="", at=AT, stated=stated)


def terms(declared: Declared | None = None, person: Declared | None = None) -> Terms:
    return Terms(
        place=PLACE,
        declared=version(1, declared) if declared else None,
        release="r1",
        person=version(2, person, by="ada") if person else None,
        latest=2,
    )


def test_a_person_beats_the_service_which_beats_the_default() -> None:
    found = words.fields_of(terms(Declared(settle=20, startup=60), Declared(settle=5)))
    told = {f.name: (f.value, f.source, f.otherwise, f.otherwise_source) for f in found}
    assert told["settle"] == (["5 s"], "person", ["20 s"], "declared")
    assert told["startup"] == (["1 min 00 s"], "declared", (), "declared")
    assert told["clock_uncertainty"] == (["1 s"], "default", (), "default")
    assert told["phases"] == (["none"], "default", (), "default")


def test_a_field_says_which_version_brought_it_and_not_only_the_newest() -> None:
    history = [
        version(6, Declared(settle=5, startup=60), by="grace"),
        version(5, Declared(settle=5, startup=30), by="ada"),
        version(4, Declared(settle=7)),
        version(3, Declared(settle=9, startup=60), by="ada"),
        version(2, Declared(settle=5), by="ada"),
    ]
    now = Terms(place=PLACE, declared=history[2], release="r1", person=history[0], latest=6)
    since = {field.name: field.since for field in words.fields_of(now, history)}
    assert (since["settle"], since["startup"], since["gate"]) == (history[1], history[0], None)


def test_a_phase_says_what_is_special_about_it() -> None:
    special = PhaseSpec(name="c", required=False, kind=PhaseKind.WAIT, depends_on=("a", "b"))
    lines = words.lines("phases", Declared(phases=("a", special)))
    assert lines == ["a", "c, optional, waits, after a and b"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (Declared(), Declared(), []),
        (Declared(), Declared(settle=5), ["Settle: 5 s"]),
        (Declared(settle=5), Declared(settle=6), ["Settle: 5 s → 6 s"]),
        (Declared(settle=5), Declared(), ["Settle: not stated any more"]),
        (Declared(gate="a"), Declared(gate="b"), ["Gate: a → b"]),
        (Declared(), Declared(phases=("a", "b")), ["Phases: a → b"]),
        (Declared(phases=("a",)), Declared(phases=()), ["Phases: a → none"]),
        (Declared(phases=("a", "b")), Declared(phases=("b", "a")), ["Phases: in another order"]),
        (Declared(phases=("a", "b")), Declared(phases=("b", "c")), ["Phases: added c", "Phases: removed a"]),
        (
            Declared(phases=("a",)),
            Declared(phases=(PhaseSpec(name="a", required=False),)),
            ["Phases: a → a, optional"],
        ),
        (Declared(phases=("a",)), Declared(phases=(PhaseSpec(name="a"),)), []),
        (
            Declared(budgets={"x": 1.0, "y": 2.0}),
            Declared(budgets={"x": 3.0, "z": 4.0}),
            ["Budgets: added z 4 s", "Budgets: removed y", "Budgets: x 1 s → x 3 s"],
        ),
        (Declared(codes={"4001": "policy"}), Declared(codes={}), ["Close codes: 4001 policy → none"]),
    ],
)
def test_a_change_is_told_part_by_part(old: Declared, new: Declared, said: list[str]) -> None:
    assert words.differences(old, new) == said


def test_a_version_is_told_against_the_one_before_of_its_kind() -> None:
    history = [
        version(4, Declared(settle=7), by="ada"),
        version(3, Declared(settle=30)),
        version(2, Declared(settle=5), by="ada"),
        version(1, Declared(settle=20)),
    ]
    now = Terms(place=PLACE, declared=history[1], release="r2", person=history[0], latest=4)
    found = words.past(history, now)
    assert [(one.version.version, one.changes, one.current) for one in found] == [
        (4, ["Settle: 5 s → 7 s"], True),
        (3, ["Settle: 20 s → 30 s"], False),
        (2, ["Settle: 5 s"], False),
        (1, ["Settle: 20 s"], False),
    ]


@pytest.mark.parametrize(
    ("stated", "doubts"),
    [
        (Declared(phases=("a",), gate="a"), []),
        (Declared(gate="a"), []),
        (
            Declared(phases=("a",), gate="b"),
            ["The gate b is none of the phases: it is passed when a phase of that name ends."],
        ),
        (
            Declared(phases=(PhaseSpec(name="a", depends_on=("z",)),)),
            ["a comes after z, which is none of the phases."],
        ),
        (
            Declared(phases=(PhaseSpec(name="a", required=False),), gate="a"),
            ["The gate a is an optional phase: the gate waits for it all the same."],
        ),
    ],
)
def test_what_is_probably_a_mistake_is_doubted(stated: Declared, doubts: list[str]) -> None:
    assert words.doubts(effective(stated)) == doubts


@pytest.mark.parametrize(
    ("found", "title"),
    [
        (terms(), "Nothing says when sockets are safe"),
        (terms(Declared(phases=("a",))), "Sockets are safe after a"),
        (terms(Declared(gate="a"), Declared(settle=1)), "Sockets are safe after a, 1 field set by people"),
    ],
)
def test_the_title_says_the_gate_first(found: Terms, title: str) -> None:
    assert words.title_of(found) == title


@pytest.mark.parametrize(
    ("places", "title"),
    [
        ([], "No service has reported yet"),
        ([terms()], "0 of 1 services declare a contract"),
        ([terms(Declared(settle=1))], "1 service declares a contract"),
        (
            [terms(Declared(settle=1)), terms(None, Declared(settle=2))],
            "1 of 2 services declares a contract, people set fields of 1",
        ),
    ],
)
def test_the_listing_says_how_many_declare_and_are_set(places: list[Terms], title: str) -> None:
    assert words.listing_title(places) == title
