import pytest

from ingest.domain.page_state import PageState, in_words


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (PageState(), ""),
        (PageState(clean=True, visible=True, online=True, leaving=False), "clean end, visible, online"),
        (
            PageState(clean=False, visible=False, online=False, leaving=True),
            "no clean end, hidden, offline, being left",
        ),
        (PageState(attempt=3), "attempt 3"),
    ],
    ids=["nothing", "well", "badly", "attempt"],
)
def test_what_is_known_of_a_page_is_told_in_words(page: PageState, words: str) -> None:
    assert in_words(page) == words
