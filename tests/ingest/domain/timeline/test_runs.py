from ingest.domain.words import PhaseKind, PhaseStatus, Role
from tests.ingest.domain.builders import boot, exited, finished, ran, started


def test_a_start_and_an_end_make_a_run() -> None:
    run = boot(started("database", 1.0, seq=1), finished("database", 2.5, seq=2)).runs[0]
    assert (run.name, run.run, run.started_age, run.ended_age) == ("database", 0, 1.0, 2.5)
    assert (run.status, run.required, run.refs) == (
        PhaseStatus.OK,
        True,
        ("service:1@probe", "service:2@probe"),
    )


def test_a_run_says_what_it_failed_with() -> None:
    events = [started("database", 1.0), finished("database", 2.0, PhaseStatus.TIMEOUT, error="after 25.0s")]
    run = boot(*events).runs[0]
    assert (run.status, run.error) == (PhaseStatus.TIMEOUT, "after 25.0s")


def test_a_start_without_an_end_is_running_even_where_the_boot_has_ended() -> None:
    run = boot(started("database", 1.0), exited(3.0, code=1)).runs[0]
    assert (run.status, run.started_age, run.ended_age) == (PhaseStatus.RUNNING, 1.0, None)


def test_an_end_without_a_start_is_a_run_with_an_unknown_start() -> None:
    run = boot(finished("database", 2.0)).runs[0]
    assert (run.status, run.started_age, run.ended_age) == (PhaseStatus.OK, None, 2.0)


def test_a_phase_that_is_repeated_has_further_runs() -> None:
    runs = boot(*ran("database", 1.0, 2.0, PhaseStatus.FAILED), *ran("database", 3.0, 4.0)).runs
    assert [(run.run, run.status) for run in runs] == [(0, PhaseStatus.FAILED), (1, PhaseStatus.OK)]


def test_an_end_belongs_to_the_latest_unfinished_start() -> None:
    runs = boot(started("database", 1.0), started("database", 2.0), finished("database", 3.0)).runs
    assert [(run.started_age, run.ended_age) for run in runs] == [(1.0, None), (2.0, 3.0)]


def test_an_end_belongs_first_to_a_start_by_its_own_reporter() -> None:
    events = [started("database", 1.0), started("database", 1.1, Role.LOG), finished("database", 3.0)]
    assert [(run.started_age, run.ended_age) for run in boot(*events).runs] == [(1.0, 3.0), (1.1, None)]


def test_an_end_by_another_reporter_still_ends_the_only_start() -> None:
    runs = boot(started("database", 1.0), finished("database", 3.0, role=Role.LOG)).runs
    assert [(run.started_age, run.ended_age) for run in runs] == [(1.0, 3.0)]


def test_runs_stand_in_the_contracts_order_and_unknown_phases_after_it() -> None:
    events = [*ran("warmup", 0.0, 0.1), *ran("services", 2.0, 3.0), *ran("database", 1.0, 2.0)]
    runs = boot(*events, *ran("extra", 3.0, 4.0)).runs
    assert [(run.name, run.order) for run in runs] == [
        ("database", 0),
        ("services", 2),
        ("warmup", 4),
        ("extra", 5),
    ]


def test_an_unknown_phase_is_not_required() -> None:
    assert boot(*ran("warmup", 0.0, 1.0)).runs[0].required is False


def test_a_parent_may_be_named_by_the_start_or_the_end() -> None:
    by_start = boot(started("pool", 1.0, parent="database"), finished("pool", 2.0)).runs[0]
    by_end = boot(started("pool", 1.0), finished("pool", 2.0, parent="database")).runs[0]
    assert (by_start.parent, by_end.parent) == ("database", "database")


def test_the_kind_is_what_the_event_says_else_the_contract() -> None:
    said = boot(started("database", 1.0, phase_kind=PhaseKind.WAIT, depends_on=("init",))).runs[0]
    unsaid = boot(started("database", 1.0)).runs[0]
    assert (said.kind, said.depends_on) == (PhaseKind.WAIT, ("init",))
    assert (unsaid.kind, unsaid.depends_on) == (PhaseKind.WORK, ())
