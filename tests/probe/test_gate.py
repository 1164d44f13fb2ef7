from falsestart.gate import GateWatch


def test_the_gate_is_passed_when_the_last_of_its_phases_ends_ok() -> None:
    gate = GateWatch(("a", "b"))
    gate.phase_finished("b", "ok", 1.0)
    gate.phase_finished("a", "ok", 2.0)
    gate.phase_finished("a", "ok", 3.0)
    assert gate.passed_age == 2.0


def test_a_failed_phase_does_not_open_the_gate_until_it_succeeds() -> None:
    gate = GateWatch(("a",))
    gate.phase_finished("a", "timeout", 1.0)
    before = gate.passed_age
    gate.phase_finished("a", "ok", 5.0)
    assert (before, gate.passed_age) == (None, 5.0)


def test_the_ready_claim_is_the_gate_only_where_no_phase_is() -> None:
    with_phases, without = GateWatch(("a",)), GateWatch(())
    for gate in (with_phases, without):
        gate.claimed(4.0)
    assert (with_phases.passed_age, without.passed_age) == (None, 4.0)
