import socket
import threading
from datetime import UTC, datetime

import pytest
from falsestart.envelope import Batch
from falsestart.resource import Target
from falsestart.transport import Answer, judge, post, seconds_to_wait

from tests.probe.collector import Collector
from tests.probe.processes import free_port

BATCH = Batch(key="b-1-1", body=b"body", events=({"seq": 1},), unfit=0)
NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(status: int) -> None:
    assert judge(status, "3", b"") == Answer(verdict="retry", status=status, retry_after=3.0)


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 415, 422])
def test_what_will_not_pass_is_refused(status: int) -> None:
    assert judge(status, None, b"") == Answer(verdict="refused", status=status)


def test_a_batch_that_is_too_large_is_split() -> None:
    assert judge(413, None, b"").verdict == "split"


def test_events_that_the_server_did_not_take_are_counted() -> None:
    answer = judge(202, None, b'{"accepted": 1, "rejected": [{"index": 0, "detail": "no"}]}')
    assert (answer.verdict, answer.rejected, answer.detail) == ("accepted", 1, "{'index': 0, 'detail': 'no'}")


def test_a_refusal_is_told_in_the_servers_own_words() -> None:
    problem = b'{"title": "Forbidden", "detail": "This key may read, not write."}'
    assert judge(403, None, problem).detail == "This key may read, not write."


@pytest.mark.parametrize("body", [b"", b"junk", b"[]", b'{"rejected": 3}'])
def test_an_accepted_batch_stays_accepted_whatever_the_body_says(body: bytes) -> None:
    assert judge(202, None, body) == Answer(verdict="accepted", status=202)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("2", 2.0),
        (" 7 ", 7.0),
        ("99999", 300.0),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-1", None),
        ("Sun, 22 Nov 2026 12:00:30 -0000", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(header: str | None, seconds: float | None) -> None:
    assert seconds_to_wait(header, NOW) == seconds


def test_a_post_carries_key_encoding_and_idempotency_key(collector: Collector) -> None:
    answer = post(Target(url=f"{collector.url}/api/v1/batches", key="fs_k"), BATCH)
    (sent,) = collector.posts
    wanted = ("Authorization", "Content-Type", "Content-Encoding", "Idempotency-Key")
    assert (answer.verdict, sent.path, sent.raw, [sent.headers[name] for name in wanted]) == (
        "accepted",
        "/api/v1/batches",
        b"body",
        ["Bearer fs_k", "application/json", "gzip", "b-1-1"],
    )


def test_nobody_there_is_a_reason_to_try_again() -> None:
    answer = post(Target(url=f"http://127.0.0.1:{free_port()}/", key="k"), BATCH)
    assert (answer.verdict, answer.status) == ("retry", None)


def test_a_redirect_is_not_followed_with_the_key(collector: Collector) -> None:
    collector.answer(302, Location=f"{collector.url}/elsewhere")
    answer = post(Target(url=collector.url, key="k"), BATCH)
    assert (answer.verdict, [sent.path for sent in collector.posts]) == ("refused", ["/"])


def test_a_server_that_never_answers_is_left_after_the_timeout() -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        url = f"http://127.0.0.1:{mute.getsockname()[1]}/"
        assert post(Target(url=url, key="k"), BATCH, timeout=0.1).verdict == "retry"


def test_an_answer_that_is_not_http_is_as_good_as_none() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def babble() -> None:
            peer, _ = server.accept()
            with peer:
                peer.recv(65_536)
                peer.sendall(b"SSH-2.0\r\n\r\n")

        thread = threading.Thread(target=babble)
        thread.start()
        answer = post(Target(url=f"http://127.0.0.1:{server.getsockname()[1]}/", key="k"), BATCH, timeout=5.0)
        thread.join()
    assert answer.verdict == "retry"
