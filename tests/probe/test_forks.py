from collections.abc import Callable

from falsestart import Probe, forks


def test_a_sender_is_held_while_the_process_forks(make_probe: Callable[..., Probe]) -> None:
    life = make_probe().life
    assert life is not None
    forks._before()
    held = life.sender in forks._held
    again = life.sender.hold(0.0)
    forks._after_in_parent()
    free = life.sender.hold(5.0)
    life.sender.release()
    assert (held, again, free, forks._held) == (True, False, True, [])
