"""From rows to what is drawn of a boot."""

from datetime import timedelta

import pytest

from dashboard.pages import boots
from dashboard.queries.boot import boot
from dashboard.queries.release import newest_boots, phases_of
from dashboard.queries.rows import BootRow, PhaseRow, SocketRow
from ingest.domain.contract import effective
from tests.dashboard import builder
from tests.dashboard.builder import NOW

pytestmark = pytest.mark.django_db


def row(**fields: object) -> BootRow:
    made = builder.boot("r2", **fields)  # type: ignore[arg-type]
    return newest_boots(made.release_id, 1)[0]


def boot_sockets(ident: str) -> list[SocketRow]:
    page = boot(ident)
    return [] if page is None else page.failed


def phases(boot: BootRow) -> list[PhaseRow]:
    return phases_of([boot.id])[boot.id]


def test_a_boot_that_starts_is_as_old_as_its_own_clock_says() -> None:
    young = row(
        started_at=NOW - timedelta(seconds=5), done=2, state="starting", clock_offset=0.5, last_age=1.0
    )
    assert boots.age_now(young, NOW) == pytest.approx(4.5)


def test_a_boot_that_ended_does_not_age() -> None:
    assert boots.age_now(row(state="failed", ended_age=7.0, last_age=6.0), NOW) == 7.0


def test_the_mark_of_a_sample_says_how_many_it_stands_for() -> None:
    made = builder.boot("r2")
    builder.socket(made, 2.5, stands_for=9)
    (mark,) = [boots.mark_of(socket) for socket in boot_sockets(made.ident)]
    assert (mark.stands_for, mark.words[-1]) == (9, "a sample that stands for 9")


def test_phases_come_in_contract_order_and_unknown_ones_after_them() -> None:
    boot = row(phases=[("surprise", 1.0), ("cache", 0.1), ("init", 0.1)])
    names = boots.phase_names(effective(builder.DECLARED), phases(boot))
    assert names == [name for name, _ in builder.PHASES] + ["surprise"]


def test_a_phase_that_runs_reaches_to_the_present() -> None:
    boot = row(done=1, state="starting", started_at=NOW - timedelta(seconds=3))
    bars = boots.top_bars(["init", "dependencies"], phases(boot), 3.0)
    assert [(bar.name, round(bar.end, 2), bar.status) for bar in bars] == [
        ("init", 0.14, "ok"),
        ("dependencies", 3.0, "running"),
    ]


def test_what_a_phase_contains_follows_it_in_its_colour() -> None:
    made = builder.boot("r2", phases=[("init", 0.1), ("database", 1.0)])
    builder.phase(made, "pool", 0.2, 0.5, parent="database")
    builder.phase(made, "dns", 0.2, 0.3, parent="pool")
    bars = boots.nested_bars(["init", "database"], phases_of([made.id])[made.id], 2.0)
    assert [(bar.name, bar.index, bar.child) for bar in bars] == [
        ("init", 0, False),
        ("database", 1, False),
        ("pool", 1, True),
        ("dns", 1, True),
    ]


def test_phases_that_contain_each_other_do_not_hang_the_page() -> None:
    made = builder.boot("r2", phases=[("init", 0.1)])
    builder.phase(made, "a", 0.2, 0.5, parent="b")
    builder.phase(made, "b", 0.2, 0.5, parent="a")
    assert [bar.name for bar in boots.nested_bars(["init"], phases_of([made.id])[made.id], 2.0)] == ["init"]


def test_the_median_boot_rests_only_on_phases_that_ended_well() -> None:
    spans = [[("init", took)] for took in (1.0, 2.0, 9.0)]
    found = [phases(row(phases=span)) for span in spans]
    found.append(phases(row(phases=[("init", 50.0)], broken=("init", "timeout", ""))))
    assert [(bar.name, bar.end) for bar in boots.median_bars(["init"], found)] == [("init", 2.0)]


def test_a_quantile_lies_between_its_neighbours_in_proportion() -> None:
    assert [boots.quantile([1.0, 2.0, 3.0], share) for share in (0.0, 0.25, 1.0)] == [1.0, 1.5, 3.0]
