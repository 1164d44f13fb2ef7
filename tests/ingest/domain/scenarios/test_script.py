from random import Random

from ingest.domain.scenarios import Scenario, Script, attributions_of, scenarios, timeline_of
from ingest.domain.words import BootState, Cause, Origin


def _script() -> Script:
    return Script(rng=Random(0))  # noqa: S311


def test_every_state_has_a_labelled_boot() -> None:
    assert {scenario.state for scenario in scenarios(0)} == set(BootState)


def test_every_cause_has_a_labelled_socket() -> None:
    labelled = {cause for scenario in scenarios(0) for cause in scenario.causes.values()}
    assert labelled == {*Cause, None}


def test_the_same_seed_writes_the_same_boots_and_another_seed_others() -> None:
    assert scenarios(1) == scenarios(1)
    assert scenarios(1) != scenarios(2)


def test_every_event_of_a_boot_has_its_own_number() -> None:
    def distinct(scenario: Scenario) -> bool:
        return len({told.event.seq for told in scenario.events}) == len(scenario.events)

    assert [scenario.name for scenario in scenarios(0) if not distinct(scenario)] == []


def test_a_written_phase_takes_its_time_and_moves_the_boot_on() -> None:
    script = _script()
    script.phases("init", "database")
    runs = timeline_of(script.ends("two phases", BootState.STARTING)).runs
    assert [run.name for run in runs] == ["init", "database"]
    assert (runs[1].started_age, runs[1].ended_age) == (runs[0].ended_age, script.age)


def test_a_written_socket_says_that_its_boot_listens() -> None:
    script = _script()
    script.socket("early", Cause.FALSE_START, opened=0.5, code=1011, origin=Origin.APP_ERROR)
    scenario = script.ends("one socket", BootState.STARTING)
    assert timeline_of(scenario).listening_age == 0.5
    assert list(attributions_of(scenario)) == ["early"]
