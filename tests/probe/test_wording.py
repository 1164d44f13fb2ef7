from falsestart.wording import TEXT_LIMIT, clean, describe


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
