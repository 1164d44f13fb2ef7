from ingest.domain.contract import Declared, effective
from ingest.domain.timeline import latest
from ingest.domain.words import PhaseStatus
from tests.ingest.domain.builders import (
    NO_CONTRACT,
    boot,
    bypassed,
    exited,
    finished,
    good_start,
    listening,
    ran,
    ready,
)


def test_the_gate_is_passed_when_the_last_of_its_phases_has_ended_ok() -> None:
    assert boot(*good_start()).ready_age == 4.0


def test_the_gate_waits_for_a_required_phase_that_ends_after_the_gate_phase() -> None:
    timeline = boot(*ran("services", 0.0, 1.0), finished("database", 6.0, seq=77))
    assert (timeline.ready_age, timeline.gate_refs[-1]) == (6.0, "service:77@probe")


def test_the_gate_does_not_wait_for_optional_or_later_phases() -> None:
    late = [*ran("cache", 0.0, 9.0, PhaseStatus.FAILED), *ran("finalize", 4.0, 20.0)]
    assert boot(*good_start(), *late).ready_age == 4.0


def test_a_failed_phase_keeps_the_gate_shut() -> None:
    timeline = boot(finished("database", 2.0, PhaseStatus.FAILED, seq=5), finished("services", 4.0, seq=6))
    assert (timeline.ready_age, timeline.gate_refs) == (None, ("service:5@probe", "service:6@probe"))


def test_a_skipped_phase_keeps_the_gate_shut() -> None:
    assert boot(*ran("database", 0.0, 1.0, PhaseStatus.SKIPPED), *ran("services", 1.0, 2.0)).ready_age is None


def test_a_bypassed_phase_keeps_the_gate_shut() -> None:
    assert boot(*ran("services", 1.0, 2.0), bypassed(0.5, "database")).ready_age is None


def test_a_retry_opens_the_gate_when_it_succeeds() -> None:
    timeline = boot(
        *ran("database", 0.0, 1.0, PhaseStatus.FAILED), *ran("services", 1.0, 2.0), *ran("database", 2.0, 5.0)
    )
    assert timeline.ready_age == 5.0


def test_a_phase_that_fails_before_the_gate_phase_ends_takes_back_its_success() -> None:
    events = [
        *ran("database", 0.0, 1.0),
        *ran("database", 2.0, 3.0, PhaseStatus.FAILED),
        *ran("services", 1.0, 4.0),
    ]
    assert boot(*events).ready_age is None


def test_a_failure_after_the_gate_does_not_undo_it() -> None:
    assert boot(*good_start(), *ran("database", 8.0, 9.0, PhaseStatus.FAILED)).ready_age == 4.0


def test_where_a_contract_exists_ready_is_a_claim() -> None:
    timeline = boot(ready(1.0))
    assert (timeline.ready_age, timeline.claimed_ready_age, timeline.gate_known) == (None, 1.0, True)


def test_without_a_contract_the_first_claim_is_the_gate() -> None:
    timeline = boot(ready(3.0), ready(2.0), contract=NO_CONTRACT)
    assert (timeline.ready_age, timeline.claimed_ready_age) == (2.0, 2.0)


def test_without_a_contract_and_a_claim_the_gate_is_unknown() -> None:
    timeline = boot(*ran("database", 0.0, 1.0), contract=NO_CONTRACT)
    assert (timeline.ready_age, timeline.gate_known) == (None, False)


def test_a_contract_that_names_no_gate_takes_its_last_required_phase() -> None:
    contract = effective(Declared(phases=("database", "services")))
    assert boot(*good_start(), contract=contract).ready_age == 4.0


def test_a_gate_may_be_named_without_any_phases() -> None:
    assert boot(*good_start(), contract=effective(Declared(gate="services"))).ready_age == 4.0


def test_without_a_single_phase_the_gate_is_not_observed() -> None:
    assert (boot(listening(1.0)).observed, boot(listening(1.0), contract=NO_CONTRACT).observed) == (
        False,
        True,
    )


def test_a_gate_phase_that_ended_without_its_required_ones_ever_being_seen_is_a_truncated_timeline() -> None:
    assert (boot(*ran("services", 2.0, 4.0)).observed, boot(*good_start()).observed) == (False, True)


def test_a_boot_that_has_only_begun_its_phases_is_observed() -> None:
    assert boot(*ran("database", 0.0, 2.0)).observed is True


def test_a_bypassed_phase_has_been_seen() -> None:
    assert boot(*ran("services", 1.0, 2.0), bypassed(0.5, "database")).observed is True


def test_the_exposure_is_from_listening_to_ready() -> None:
    assert boot(*good_start()).exposure == (1.0, 4.0)


def test_the_exposure_is_open_while_the_gate_is_not_passed() -> None:
    assert boot(listening(1.0), *ran("database", 0.0, 2.0)).exposure == (1.0, None)


def test_a_boot_that_ends_before_its_gate_ends_its_exposure() -> None:
    assert boot(listening(1.0), exited(3.0, code=1)).exposure == (1.0, 3.0)


def test_there_is_no_exposure_where_ready_came_first() -> None:
    assert boot(*ran("database", 0.0, 2.0), *ran("services", 2.0, 4.0), listening(4.0)).exposure is None


def test_there_is_no_exposure_where_nothing_listened_or_the_gate_is_unknown() -> None:
    assert boot(*ran("database", 0.0, 2.0)).exposure is None
    assert boot(listening(1.0), contract=NO_CONTRACT).exposure is None


def test_the_latest_conclusion_of_a_phase_counts_up_to_an_age() -> None:
    conclusions = boot(finished("database", 1.0, PhaseStatus.FAILED), finished("database", 3.0)).conclusions
    assert [latest(conclusions, age)["database"].ok for age in (1.0, 2.9, 3.0)] == [False, False, True]
    assert latest(conclusions, 0.9) == {}
