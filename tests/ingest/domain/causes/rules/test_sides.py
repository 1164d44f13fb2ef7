from ingest.domain.causes.case import case_of
from ingest.domain.causes.rules.sides import after_gate, book, running_at_opening
from ingest.domain.words import Cause, Origin
from tests.ingest.domain.builders import boot, closed, good_start


def test_an_early_socket_judged_after_the_gate_shows_the_settle_it_outlived() -> None:
    early = case_of(closed(3.0, 20.0, 1011, Origin.APP_ERROR), boot(*good_start()))
    late = case_of(closed(9.0, 20.0, 1011, Origin.APP_ERROR), boot(*good_start()))
    assert [row.name for row in after_gate(early, Cause.APPLICATION).evidence] == ["settle"]
    assert after_gate(late, Cause.APPLICATION).evidence == ()


def test_the_code_book_is_quoted_only_where_it_has_an_entry() -> None:
    timeline = boot(*good_start())
    assert book(case_of(closed(9.0, 9.1, 1011, Origin.APP_CLOSE), timeline)) == ()
    assert [row.value for row in book(case_of(closed(9.0, 9.1, 4001, Origin.APP_CLOSE), timeline))] == [
        "policy"
    ]


def test_without_an_opening_no_phase_is_named() -> None:
    assert running_at_opening(case_of(closed(None, 9.1, 1011, Origin.APP_CLOSE), boot(*good_start()))) == ()
