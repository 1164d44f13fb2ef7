from ingest.domain.causes import exhibits
from ingest.domain.causes.case import case_of
from ingest.domain.clocks import Clocks
from ingest.domain.contract import Contract, Declared, effective
from ingest.domain.page_state import PageState
from ingest.domain.words import Basis, Origin, Role
from tests.ingest.domain.builders import boot, ending, exited, good_start, ran, row, socket, why


def test_every_number_says_where_it_comes_from() -> None:
    bases = [
        exhibits.measured("a", 1.0).basis,
        exhibits.derived("b", 1.0).basis,
        exhibits.configured("settle", Contract()).basis,
    ]
    assert bases == [Basis.MEASURED, Basis.DERIVED, Basis.CONFIGURED]


def test_what_is_configured_says_whose_value_it_is() -> None:
    contract = effective(
        Declared(settle=20.0),
        Declared(settle=5.0, codes={"4100": "expected"}),
        whose=("a person", "declared"),
    )

    rows = [exhibits.configured(name, contract) for name in ("settle", "startup")]
    assert [(row.value, row.source) for row in rows] == [(20.0, "a person"), (240.0, "default")]
    assert exhibits.booked(4100, contract).source == "declared"
    assert exhibits.fixed("silence", 30.0).source == "fixed"


def clock_rows(clocks: Clocks, opened_by: Role = Role.CLIENT) -> list[tuple[str, object, str]]:
    case = case_of(socket(ending(3.0, 4.0, opened_by, seq=1, reporter="tab")), boot(*good_start()), clocks)
    rows = exhibits.clocks(case, case.socket.opened_ref)
    return [(row.name, row.value, str(row.basis)) for row in rows]


def test_the_uncertainty_between_two_clocks_is_the_contracts_or_what_they_seem_to_be_apart() -> None:
    near, far = (
        Clocks(offsets={"service": 2, "client@tab": 9}),
        Clocks(offsets={"service": 2, "client@tab": -48}),
    )

    assert clock_rows(near) == [("clock_uncertainty", 1.0, "configured")]
    assert clock_rows(far) == [
        ("clock_uncertainty", 5.0, "derived"),
        ("clock offset of client@tab", -4.8, "derived"),
        ("clock offset of service", 0.2, "derived"),
    ]
    assert clock_rows(far, Role.SERVICE) == []


def test_what_was_running_is_told_in_words() -> None:
    timeline = boot(*ran("database", 1.0, 2.0))
    words = [exhibits.running("running", timeline, age).value for age in (0.5, 1.5, 2.5)]
    assert words == ["before any phase", "database", "between phases"]


def test_an_exit_shows_only_what_was_told_of_it() -> None:
    assert [row.name for row in exhibits.exited(boot(exited(3.0, code=1)))] == ["exit", "exit code"]
    assert exhibits.exited(boot()) == ()


def test_what_a_page_saw_of_itself_is_told_with_the_event_that_says_so() -> None:
    seen = ending(5.0, 6.0, Role.CLIENT, seq=7, code=1006, page=PageState(visible=False, attempt=3))
    facts = socket(ending(5.0, 6.0, origin=Origin.APP_ERROR), seen)
    assert row(why(facts, *good_start()), "page") == (
        "hidden, attempt 3",
        None,
        "measured",
        ("client:7@probe",),
    )
    assert exhibits.page(socket(ending(5.0, 6.0))) == ()
