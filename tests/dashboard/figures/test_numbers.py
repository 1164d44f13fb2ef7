"""Numbers as people read them."""

import pytest

from dashboard.figures import numbers


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.000157, "157 µs"),
        (0.012, "12.0 ms"),
        (4.5612, "4.56 s"),
        (10.21, "10.2 s"),
        (59.96, "60.0 s"),
        (380.0, "6 min 20 s"),
        (11_100.0, "3 h 05 min"),
        (93_600.0, "1 d 02 h"),
        (-0.25, "−250 ms"),
        (0.0, "0 s"),
        (None, "—"),
    ],
)
def test_a_duration_reads_with_three_digits_and_its_unit(seconds: float | None, words: str) -> None:
    assert numbers.duration(seconds) == words


@pytest.mark.parametrize(("seconds", "words"), [(2.1, "2.1 s"), (10.0, "10 s"), (0.5, "500 ms")])
def test_a_configured_duration_has_no_digit_that_nobody_wrote(seconds: float, words: str) -> None:
    assert " ".join(numbers.set_parts(seconds)) == words


def test_a_count_has_its_noun_in_the_right_number() -> None:
    assert [numbers.plural(n, "boot") for n in (0, 1, 2)] == ["0 boots", "1 boot", "2 boots"]


def test_a_difference_of_nothing_has_no_minus() -> None:
    assert [numbers.signed(value) for value in (0.962, -0.001, -0.5)] == ["+0.96 s", "0.00 s", "−0.50 s"]


def test_large_counts_are_grouped() -> None:
    assert (numbers.count(1209), numbers.count(31_209)) == ("1,209", f"31{numbers.THIN}209")
