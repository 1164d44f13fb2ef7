import threading

from falsestart.recorder import RESERVE, Recorder


def test_events_are_numbered_in_the_order_in_which_they_are_recorded() -> None:
    recorder = Recorder()
    for kind in ("a", "b"):
        recorder.add({"kind": kind})
    assert recorder.take(10) == [{"kind": "a", "seq": 1}, {"kind": "b", "seq": 2}]


def test_what_does_not_fit_is_counted_and_takes_no_number() -> None:
    recorder = Recorder(capacity=1)
    added = [recorder.add({"kind": kind}) for kind in ("a", "b")]
    recorder.take(1)
    recorder.add({"kind": "c"})
    assert (added, recorder.dropped, recorder.take(1)) == ([True, False], 1, [{"kind": "c", "seq": 2}])


def test_the_boot_itself_still_fits_when_sockets_fill_the_queue() -> None:
    recorder = Recorder(capacity=1)
    recorder.add({"kind": "socket.ended"})
    vital = [recorder.add({"kind": "phase.started"}, vital=True) for _ in range(RESERVE + 1)]
    assert (vital.count(True), vital[-1]) == (RESERVE, False)


def test_taken_events_stay_pending_until_they_are_settled() -> None:
    recorder = Recorder()
    for _ in range(3):
        recorder.add({"kind": "a"})
    recorder.take(2)
    before = recorder.pending
    recorder.settle(delivered=1, lost=1)
    assert (before, recorder.pending, recorder.dropped) == (3, 1, 1)


def test_threads_that_record_at_once_never_share_a_number() -> None:
    recorder = Recorder()

    def record() -> None:
        for _ in range(500):
            recorder.add({"kind": "a"})

    threads = [threading.Thread(target=record) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [event["seq"] for event in recorder.take(5_000)] == list(range(1, 2_001))


class Interrupted(dict[str, object]):
    """An event at whose numbering a signal handler records another."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder

    def __setitem__(self, name: str, value: object) -> None:
        self.recorder.add({"kind": "boot.draining"})
        super().__setitem__(name, value)


def test_a_signal_handler_may_record_while_its_thread_records() -> None:
    recorder = Recorder()
    thread = threading.Thread(target=recorder.add, args=(Interrupted(recorder),), daemon=True)
    thread.start()
    thread.join(30)
    assert [event["seq"] for event in recorder.take(10)] == [2, 1]
