"""Contracts: who wins per field, what the defaults are, whom the gate waits for."""

import msgspec
import pytest

from ingest.domain.contract import Contract, Declared, PhaseSpec, effective, in_force


def declared(text: str) -> Declared:
    return msgspec.json.decode(text, type=Declared)


def test_nothing_declared_leaves_the_defaults_and_no_gate() -> None:
    assert effective(None) == effective() == effective(Declared()) == Contract()
    assert (Contract().gate, Contract().settle, Contract().startup) == (None, 10.0, 240.0)
    assert (Contract().clock_uncertainty, Contract().guards()) == (1.0, ())


def test_a_phase_may_be_a_name_or_a_description() -> None:
    contract = effective(declared('{"phases": ["a", {"name": "b", "required": false, "depends_on": ["a"]}]}'))
    assert contract.phases == (
        PhaseSpec(name="a"),
        PhaseSpec(name="b", required=False, depends_on=("a",)),
    )
    assert (contract.spec("b"), contract.spec("c")) == (contract.phases[1], None)


def test_the_gate_is_the_last_required_phase_unless_it_is_named() -> None:
    phases = '"phases": ["a", "b", {"name": "c", "required": false}]'
    assert effective(declared(f"{{{phases}}}")).gate == "b"
    assert effective(declared(f'{{{phases}, "gate": "a"}}')).gate == "a"
    assert effective(declared('{"phases": [{"name": "a", "required": false}]}')).gate is None


@pytest.mark.parametrize(
    ("gate", "guards"),
    [("a", ("a",)), ("b", ("a", "b")), ("d", ("a", "c", "d")), ("elsewhere", ("a", "c", "d", "elsewhere"))],
)
def test_the_gate_waits_for_itself_and_every_required_phase_before_it(
    gate: str, guards: tuple[str, ...]
) -> None:
    phases = '["a", {"name": "b", "required": false}, "c", "d"]'
    assert effective(declared(f'{{"phases": {phases}, "gate": "{gate}"}}')).guards() == guards


def test_the_first_statement_of_a_field_wins_field_by_field() -> None:
    person = declared('{"settle": 0, "gate": "b"}')
    service = declared('{"settle": 30, "startup": 60, "phases": ["a", "b", "c"]}')

    contract = effective(person, None, service)

    assert (contract.settle, contract.startup, contract.gate) == (0.0, 60.0, "b")
    assert contract.guards() == ("a", "b")


def test_each_field_says_whose_statement_it_is() -> None:
    person, service = declared('{"settle": 0}'), declared('{"settle": 30, "phases": ["a", "b"]}')

    contract = in_force((3, person), (2, service))

    assert contract == msgspec.structs.replace(effective(person, service), sources=contract.sources)
    assert [contract.source(field) for field in ("settle", "phases", "gate", "startup")] == [
        "a person, version 3",
        "declared, version 2",
        "declared, version 2",
        "default",
    ]
    assert in_force(None, None) == Contract()
