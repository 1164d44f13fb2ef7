from falsestart.tallies import CLIENT_LIMIT, Tallies

OPENED = ("sockets.opened", None, None)
ENDED = ("sockets.ended", 1000, "peer")


def test_a_window_is_told_once_it_is_over() -> None:
    tallies = Tallies()
    for client in ("a", "b", "a"):
        tallies.count(OPENED, client, 63.0)
    tallies.count(ENDED, "a", 64.0)
    assert tallies.close(69.9) == []
    assert tallies.close(70.0) == [
        {"kind": "sockets.opened", "from_age": 60.0, "to_age": 70.0, "count": 3, "clients": 2},
        {
            "kind": "sockets.ended",
            "from_age": 60.0,
            "to_age": 70.0,
            "count": 1,
            "clients": 1,
            "code": 1000,
            "origin": "peer",
        },
    ]
    assert tallies.close(80.0) == []


def test_the_end_of_the_process_closes_a_window_early() -> None:
    tallies = Tallies()
    tallies.count(OPENED, None, 63.0)
    expected = [{"kind": "sockets.opened", "from_age": 60.0, "to_age": 64.5, "count": 1}]
    assert tallies.close(64.5, partly=True) == expected


def test_a_window_that_is_closed_late_reaches_to_where_its_last_count_may_be() -> None:
    tallies = Tallies()
    tallies.count(OPENED, None, 63.0)
    tallies.count(OPENED, None, 71.0)
    expected = [{"kind": "sockets.opened", "from_age": 60.0, "to_age": 72.0, "count": 2}]
    assert tallies.close(72.0) == expected


def test_too_many_clients_to_remember_are_not_told_as_a_number() -> None:
    tallies = Tallies()
    for number in range(CLIENT_LIMIT + 1):
        tallies.count(OPENED, str(number), 1.0)
    (event,) = tallies.close(10.0)
    assert (event["count"], "clients" in event) == (CLIENT_LIMIT + 1, False)
