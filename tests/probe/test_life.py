from collections.abc import Callable

from falsestart import Contract, Probe
from falsestart.life import ALIVE_EVERY, LINGER, LINGER_STARTING, Life

from tests.probe.collector import Collector

MakeProbe = Callable[..., Probe]


def life_of(probe: Probe) -> Life:
    assert probe.life is not None
    return probe.life


def test_everything_is_listed_until_a_minute_after_the_gate(make_probe: MakeProbe) -> None:
    life = life_of(make_probe(contract=Contract(gate="services")))
    life.gate.phase_finished("services", "ok", 5.0)
    assert [life.listing(age) for age in (1.0, 65.0, 65.1)] == [True, True, False]


def test_without_a_gate_listing_ends_a_minute_after_the_limit_of_a_start(make_probe: MakeProbe) -> None:
    life = life_of(make_probe(contract=Contract(gate="services", startup=100)))
    life._since = 7.0
    assert [life.listing(age) for age in (167.0, 167.1)] == [True, False]


def test_events_leave_quickly_while_somebody_may_watch_the_start(make_probe: MakeProbe) -> None:
    life = life_of(make_probe(contract=Contract(gate="services")))
    life._since = life.boot.age()
    before = life._linger()
    life.gate.phase_finished("services", "ok", life.boot.age())
    assert (before, life._linger()) == (LINGER_STARTING, LINGER)


def test_a_sign_of_life_is_given_every_ten_seconds(make_probe: MakeProbe, collector: Collector) -> None:
    probe = make_probe()
    probe.flush(5.0)
    life = life_of(probe)
    assert life._alive_at is not None
    quiet = life._tick() <= ALIVE_EVERY
    life._alive_at -= ALIVE_EVERY
    life.open = 3
    life._tick()
    probe.flush(5.0)
    assert (quiet, [event["open"] for event in collector.events("alive")]) == (True, [0, 3])


def test_a_boot_that_ended_gives_no_sign_of_life(make_probe: MakeProbe, collector: Collector) -> None:
    probe = make_probe()
    probe.exited()
    life = life_of(probe)
    assert life._alive_at is not None
    life._alive_at -= ALIVE_EVERY
    life._tick()
    probe.flush(5.0)
    assert [event["kind"] for event in collector.events()] == ["alive", "boot.exited"]
