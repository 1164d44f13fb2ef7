import logging
from collections.abc import Callable

import pytest
from falsestart import Contract, Probe
from falsestart.recorder import Recorder
from falsestart.sender import BATCH_EVENTS

from tests.probe.collector import Collector
from tests.probe.processes import free_port, run_python

MakeProbe = Callable[..., Probe]


def test_a_batch_that_was_not_taken_is_sent_again_bit_by_bit(
    make_probe: MakeProbe, collector: Collector
) -> None:
    collector.answer(503)
    make_probe().listening()
    first, second = collector.wait_for_posts(2)
    assert (first.raw, first.headers["Idempotency-Key"]) == (second.raw, second.headers["Idempotency-Key"])


def test_a_server_that_asks_for_a_second_gets_it(make_probe: MakeProbe, collector: Collector) -> None:
    collector.answer(429, Retry_After="1")
    probe = make_probe()
    assert probe.flush(0.2) is False
    first, second = collector.wait_for_posts(2)
    assert second.at - first.at >= 1.0


def test_a_refused_batch_is_dropped_counted_and_told_once(
    make_probe: MakeProbe, collector: Collector, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        collector.answer(401)
    probe = make_probe()
    for _ in range(2):
        probe.degraded(["cache"])
        assert probe.flush(5.0) is True
    assert probe.life is not None
    told = [record.message for record in caplog.records if record.name == "falsestart"]
    assert (len(told), told[0][:43]) == (1, "the server refused a batch with HTTP 401: i")
    assert probe.life.recorder.dropped == sum(len(post.batch["events"]) for post in collector.posts)


def test_events_that_the_server_rejects_count_as_dropped(make_probe: MakeProbe, collector: Collector) -> None:
    collector.answer(202, {"rejected": [{"index": 0, "pointer": "/events/0", "detail": "no"}]})
    probe = make_probe()
    probe.flush(5.0)
    assert probe.life is not None
    assert probe.life.recorder.dropped == 1


def test_a_batch_that_is_too_large_is_sent_in_halves(make_probe: MakeProbe, collector: Collector) -> None:
    collector.answer(503)
    collector.answer(413)
    probe = make_probe()
    for name in ("a", "b", "c"):
        probe.check(name).__exit__(None, None, None)
    assert probe.flush(10.0) is True
    keys = [post.headers["Idempotency-Key"] for post in collector.posts]
    delivered = [event["seq"] for post in collector.posts[2:] for event in post.batch["events"]]
    assert (sorted(delivered), len(set(keys)) >= 3) == ([1, 2, 3, 4], True)


def test_many_events_leave_in_bounded_batches(make_probe: MakeProbe, collector: Collector) -> None:
    probe = make_probe()
    assert probe.life is not None
    for _ in range(BATCH_EVENTS + 500):
        probe.life.record("check.finished", 1.0, check="c", ok=True, waited=0.0)
    assert probe.flush(10.0) is True
    sizes = [len(post.batch["events"]) for post in collector.posts]
    assert (sum(sizes), max(sizes) <= BATCH_EVENTS) == (BATCH_EVENTS + 501, True)


def test_with_the_server_away_the_queue_is_bounded_and_flush_keeps_its_time(
    caplog: pytest.LogCaptureFixture,
) -> None:
    probe = Probe("chat", endpoint=f"http://127.0.0.1:{free_port()}", key="k", capacity=10)
    assert probe.life is not None
    recorder: Recorder = probe.life.recorder
    for _ in range(100):
        probe.life.record("socket.opened", 1.0)
    began = probe.age()
    assert probe.flush(0.3) is False
    assert (0.29 <= probe.age() - began < 2.0, recorder.waiting <= 11, recorder.dropped >= 80) == (True,) * 3
    probe.close(timeout=0.0)
    with caplog.at_level(logging.WARNING):
        assert len([r for r in caplog.records if "cannot reach the server" in r.message]) == 1


def test_what_was_dropped_is_told_with_the_next_sign_of_life(
    make_probe: MakeProbe, collector: Collector
) -> None:
    probe = make_probe(contract=Contract(phases=["a"]), capacity=1)
    assert probe.life is not None
    probe.life.recorder.dropped += 5
    probe.life._alive(1.0)
    probe.flush(5.0)
    assert [event["dropped"] for event in collector.events("alive")] == [0, 5]


def test_a_closed_probe_sends_nothing_more(make_probe: MakeProbe, collector: Collector) -> None:
    probe = make_probe()
    probe.close()
    posts = len(collector.posts)
    probe.ready()
    assert (probe.flush(0.1), len(collector.posts), probe.enabled) == (True, posts, False)


@pytest.mark.integration
def test_the_thread_imports_nothing_that_a_fork_could_find_locked(collector: Collector) -> None:
    script = """
import os, sys
from falsestart import Probe
from falsestart.asgi import FalsestartMiddleware
before = set(sys.modules)
probe = Probe("job", endpoint=os.environ["URL"], key="k")
with probe.phase("work"):
    pass
probe.flush(10.0)
print(sorted(set(sys.modules) - before))
"""
    collector.answer(503, Retry_After="Sun, 22 Nov 2020 12:00:30 GMT")
    collector.answer(401)
    assert run_python(script, URL=collector.url) == "[]\n"
