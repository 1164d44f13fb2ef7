from typing import Any

import pytest
from falsestart import Contract, Phase
from falsestart.contract import check
from falsestart.wording import LIST_LIMIT


def test_the_whole_contract_of_the_documentation_goes_over_the_wire() -> None:
    contract = Contract(
        phases=["init", "database", Phase("cache", required=False), "services", Phase("warm", kind="wait")],
        gate="services",
        budgets={"readiness_wait": 2.1},
        settle=10,
        startup=240,
        clock_uncertainty=1.0,
        codes={"4001": "policy", "4100": "expected"},
    )
    assert check(contract).wire == {
        "phases": [
            "init",
            "database",
            {"name": "cache", "required": False},
            "services",
            {"name": "warm", "kind": "wait"},
        ],
        "gate": "services",
        "budgets": {"readiness_wait": 2.1},
        "settle": 10.0,
        "startup": 240.0,
        "clock_uncertainty": 1.0,
        "codes": {"4001": "policy", "4100": "expected"},
    }


def test_what_is_not_declared_is_not_sent() -> None:
    assert check(Contract()).wire == {}


def test_a_limit_of_zero_is_a_statement() -> None:
    assert check(Contract(settle=0)).wire == {"settle": 0.0}


def test_without_a_gate_the_last_required_phase_is_the_gate() -> None:
    phases: list[str | Phase] = ["a", "b", Phase("c", required=False)]
    assert check(Contract(phases=phases)).gated_by == ("a", "b")


def test_the_gate_waits_for_the_required_phases_before_it_only() -> None:
    phases: list[str | Phase] = ["a", Phase("b", required=False), "c", "d"]
    assert check(Contract(phases=phases, gate="c")).gated_by == ("a", "c")


def test_a_gate_without_phases_stands_alone() -> None:
    assert check(Contract(gate="services")).gated_by == ("services",)


@pytest.mark.parametrize(
    ("contract", "problem"),
    [
        (Contract(phases=["a", "a"]), "phase 'a' is no name, or declared twice"),
        (Contract(phases=["x" * 201]), f"phase {'x' * 201!r} is no name, or declared twice"),
        (Contract(phases=["a"], gate="b"), "gate 'b' is none of the phases"),
        (Contract(settle=-1), "'settle' is no number of seconds: -1"),
        (Contract(budgets={"wait": float("nan")}), "'wait' is no number of seconds: nan"),
        (Contract(codes={"99": "policy"}), "'99' is no close code"),
        (Contract(codes={"4001": "whatever"}), "'4001' is no close code"),
    ],
)
def test_junk_is_left_out_with_a_sentence(contract: Contract, problem: str) -> None:
    problems = check(contract).problems
    assert [text[: len(problem)] for text in problems] == [problem]


def test_a_dependency_is_declared_by_name() -> None:
    wire: dict[str, Any] = check(Contract(phases=["a", Phase("b", depends_on=["a"])])).wire
    assert wire["phases"] == ["a", {"name": "b", "depends_on": ["a"]}]


def test_of_too_long_a_list_the_first_names_are_declared() -> None:
    names = [f"phase {n}" for n in range(LIST_LIMIT + 2)]
    checked = check(Contract(phases=[Phase("last", depends_on=names), *names]))
    phases = checked.wire["phases"]
    assert (len(phases), phases[0]["depends_on"], phases[-1]) == (
        LIST_LIMIT,
        names[:-2],
        names[LIST_LIMIT - 2],
    )
    assert checked.problems == ("3 of 503 phases: 500 can be declared",)
