from ingest.domain.causes import exhibits
from ingest.domain.page_state import PageState
from ingest.domain.words import Basis, Origin, Role
from tests.ingest.domain.builders import boot, ending, exited, good_start, ran, row, socket, why


def test_every_number_says_where_it_comes_from() -> None:
    bases = [
        exhibits.measured("a", 1.0).basis,
        exhibits.derived("b", 1.0).basis,
        exhibits.configured("c", 1.0).basis,
    ]
    assert bases == [Basis.MEASURED, Basis.DERIVED, Basis.CONFIGURED]


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
    assert row(why(facts, *good_start()), "page") == ("hidden, attempt 3", None, "measured", ("client:7",))
    assert exhibits.page(socket(ending(5.0, 6.0))) == ()
