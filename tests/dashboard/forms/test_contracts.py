"""The form of a contract: what is typed becomes a statement, and a statement is typed again as it was."""

from hypothesis import given
from hypothesis import strategies as st

from dashboard.forms import contracts as forms
from dashboard.pages.contracts import specs
from ingest.domain.contract import Contract, Declared, PhaseSpec, effective
from ingest.domain.words import PhaseKind

NAMES = st.text(
    "ab,;\"'é→/", min_size=1, max_size=5
)  # what parts and quotes names, and none that a form trims
SECONDS = st.integers(0, 10_000_000).map(lambda milliseconds: milliseconds / 1000)
PHASES = st.builds(
    PhaseSpec,
    name=NAMES,
    required=st.booleans(),
    depends_on=st.lists(NAMES, max_size=3).map(tuple),
    kind=st.sampled_from(PhaseKind),
)
STATEMENTS = st.builds(
    Declared,
    phases=st.none() | st.lists(PHASES, max_size=8, unique_by=lambda spec: spec.name).map(tuple),
    gate=st.none() | NAMES,
    budgets=st.none() | st.dictionaries(NAMES, SECONDS, max_size=5),
    settle=st.none() | SECONDS,
    startup=st.none() | SECONDS,
    clock_uncertainty=st.none() | SECONDS,
    codes=st.none()
    | st.dictionaries(st.integers(1000, 4999).map(str), st.sampled_from(forms.MEANINGS), max_size=5),
)


def posted(form: forms.Typed) -> dict[str, str]:
    """The form as a browser sends it."""
    rows = {
        f"{name}-{number}-{column}": getattr(line, column)
        for name, lines in form.lists.items()
        for number, line in enumerate(lines)
        for column in forms.COLUMNS[name]
    }
    return {**form.scalars, **rows, **{f"{name}-set": "here" for name in form.here}, "reason": "because"}


def long(stated: Declared) -> Declared:
    """A statement with its phases in their long form."""
    phases = None if stated.phases is None else tuple(specs(stated.phases))
    fields = {name: getattr(stated, name) for name in Declared.__struct_fields__}
    return Declared(**{**fields, "phases": phases})


@given(stated=STATEMENTS, declared=STATEMENTS)
def test_a_statement_that_nobody_touches_comes_back_the_same(stated: Declared, declared: Declared) -> None:
    contract = effective(stated, declared)
    sent = posted(forms.prefilled(stated, contract, 1))
    again, form = forms.checked(forms.typed(sent), contract)
    assert form.errors == {}
    assert again is not None
    assert long(again) == long(stated)


def test_nothing_typed_states_nothing() -> None:
    again, _ = forms.checked(forms.typed({"reason": "because"}), Contract())
    assert again == Declared()


def test_an_empty_list_set_here_states_that_there_is_none() -> None:
    sent = {"reason": "because", "budgets-set": "here", "phases-set": "here", "codes-set": "here"}
    again, _ = forms.checked(forms.typed(sent), Contract(budgets={"x": 1.0}))
    assert again == Declared(budgets={}, phases=(), codes={})


def test_every_field_that_is_wrong_is_named_at_once() -> None:
    sent = {
        "settle": "x",
        "startup": "-1",
        "codes-set": "here",
        "codes-0-name": "1",
        "codes-0-value": "policy",
    }
    again, form = forms.checked(forms.typed(sent), Contract())
    assert again is None
    assert form.errors == {
        "settle": ["'x' is not a number of seconds."],
        "startup": ["It must be 0 s or more."],
        "codes": ["A code has four digits, from 1000 to 4999."],
        "reason": ["Say why: whoever reads the history will ask."],
    }


def test_a_row_that_is_wrong_is_told_by_its_number() -> None:
    sent = {"phases-set": "here", "phases-0-name": "a", "phases-1-name": "x" * 201, "reason": "because"}
    _, form = forms.checked(forms.typed(sent), Contract())
    assert form.errors == {"phases": ["Row 2: A name has 200 characters at most."]}


def test_names_with_commas_are_quoted_and_read_again() -> None:
    spec = PhaseSpec(name="z", depends_on=("a, b", 'c "d"'))
    form = forms.prefilled(Declared(phases=(spec,)), Contract(), 0)
    assert form.lists["phases"][0].after == '"a, b","c ""d"""'


def test_a_version_that_is_no_number_is_none_that_was_seen() -> None:
    assert [forms.typed({"after": text}).after for text in ("7", "", "x", "-1", "9" * 40)] == [7, 0, 0, 0, 0]
