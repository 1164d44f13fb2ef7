from falsestart.wording import TEXT_LIMIT, clean, conclusion, describe, text_of


def test_what_the_server_refuses_is_taken_out_of_text() -> None:
    assert clean("a\0b\ud800c") == "ab?c"


def test_text_is_cut_at_its_limit() -> None:
    assert len(clean("x" * 5_000)) == TEXT_LIMIT


def test_an_exception_is_described_by_its_type_and_message() -> None:
    assert [describe(KeyError("session")), describe(ValueError())] == ["KeyError: 'session'", "ValueError"]


def test_the_password_of_a_database_address_is_masked() -> None:
    error = ConnectionError("cannot reach postgresql://app:s3:cret@db/x or redis://:p@r")
    expected = "ConnectionError: cannot reach postgresql://app:***@db/x or redis://:***@r"
    assert describe(error) == expected


def test_of_a_traceback_only_what_it_ends_with_is_told() -> None:
    group = """  + Exception Group Traceback (most recent call last):
  | BaseExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "app.py", line 46, in lifespan
    | OSError: no postgresql://app:secret@db/x
    +------------------------------------
"""
    plain = 'Traceback (most recent call last):\n  File "app.py", line 4, in live\nOSError: no database\n'
    texts = [group, plain, "no database\nat all", ""]
    assert [conclusion(text) for text in texts] == [
        "OSError: no postgresql://app:***@db/x",
        "OSError: no database",
        "no database\nat all",
        "",
    ]


class Mute(Exception):  # noqa: N818 - an application's own
    def __str__(self) -> str:
        raise AttributeError("response")


def test_an_exception_that_cannot_say_what_it_is_is_known_by_its_type() -> None:
    assert (describe(Mute()), text_of(Mute())) == ("Mute", "")
