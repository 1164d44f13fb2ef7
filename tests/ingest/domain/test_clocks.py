import pytest

from ingest.domain.clocks import Clocks, clock_in, clock_of, steps
from ingest.domain.words import Role


@pytest.mark.parametrize(
    ("offset", "expected"), [(0.0, 0), (0.099, 0), (0.1, 1), (-0.001, -1), (-0.1, -1), (12.34, 123)]
)
def test_an_offset_counts_in_tenths_of_a_second(offset: float, expected: int) -> None:
    assert steps(offset) == expected


def test_all_reporters_inside_a_process_read_one_clock() -> None:
    assert clock_of(Role.SERVICE, "probe") == clock_of(Role.SERVICE, "sidecar") == "service"
    assert clock_of(Role.LOG, "shipper") == "log@shipper"


@pytest.mark.parametrize(
    ("ref", "clock"),
    [
        ("service:6@probe", "service"),
        ("client:6@tab-5e1c", "client@tab-5e1c"),
        ("client:a%40b@x@y:z", "client@x@y:z"),
    ],
)
def test_an_event_names_the_clock_that_it_was_told_by(ref: str, clock: str) -> None:
    assert clock_in(ref) == clock


def test_clocks_are_as_far_apart_as_the_two_that_differ_most() -> None:
    clocks = Clocks(offsets={"service": 1, "client@a": 31, "log@b": -4})

    assert clocks.apart({"service", "client@a"}) == 3.0
    assert clocks.apart({"service", "client@a", "log@b"}) == 3.5
    assert clocks.apart({"service", "client@unknown"}) == 0.0
    assert Clocks().apart({"service"}) == 0.0


def test_offsets_matter_only_where_they_are_beyond_what_is_assumed() -> None:
    clocks = Clocks(offsets={"service": 1, "client@a": 31})
    assert (clocks.beyond(3.0), clocks.beyond(2.9)) == ({}, {"client@a": 31, "service": 1})
