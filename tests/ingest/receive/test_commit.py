"""Group commit, without a database: what shares a transaction, and what the thread survives."""

import threading
from collections.abc import Sequence

import pytest

from ingest.receive.commit import BACKLOG_EVENTS, GROUP_EVENTS, LARGE, Committer
from ingest.store.incoming import Incoming, Stored
from ingest.store.save import Result
from tests.engines import wait_until
from tests.ingest.batches import document, incoming

PATIENCE = 30.0  # s
READY = {"seq": 0, "age": 1.0, "kind": "boot.ready"}


class Log:
    """Stores nothing: writes down the groups, and waits at a gate before each."""

    def __init__(self) -> None:
        """The gate is shut."""
        self.groups: list[list[str]] = []
        self.gate = threading.Event()
        self.reached = threading.Event()

    def __call__(self, group: Sequence[Incoming]) -> list[Result]:
        """Write down whose batches came together."""
        self.reached.set()
        self.gate.wait(PATIENCE)
        names = [one.batch.boot.id if one.batch.boot else "" for one in group]
        self.groups.append(names)
        if "broken" in names:
            message = "no disk"
            raise OSError(message)
        return [Stored(answer=name) for name in names]


@pytest.fixture
def log() -> Log:
    return Log()


def batch(boot: str, events: int = 1) -> Incoming:
    return incoming(document([READY] * events, boot=boot, contract=None))


def test_what_arrives_while_a_group_is_stored_shares_the_next_one_in_order(log: Log) -> None:
    committer = Committer(log)
    first = committer.submit(batch("first"))
    assert log.reached.wait(PATIENCE)
    others = [committer.submit(batch(f"b{n}")) for n in range(5)]
    log.gate.set()

    assert [f.result(PATIENCE) for f in (first, *others)] == [
        Stored(answer=name) for name in ("first", "b0", "b1", "b2", "b3", "b4")
    ]
    assert log.groups == [["first"], ["b0", "b1", "b2", "b3", "b4"]]


def test_a_group_ends_where_it_is_large_enough(log: Log) -> None:
    committer = Committer(log)
    committer.submit(batch("first"))
    assert log.reached.wait(PATIENCE)
    futures = [committer.submit(batch(name, GROUP_EVENTS // 2)) for name in ("a", "b", "c")]
    log.gate.set()

    for future in futures:
        future.result(PATIENCE)
    assert log.groups == [["first"], ["a", "b"], ["c"]]


def test_it_is_full_while_more_waits_than_should(log: Log) -> None:
    committer = Committer(log)
    large = batch("large", 10_000)
    futures = [committer.submit(large) for _ in range(BACKLOG_EVENTS // 10_000)]
    full = committer.full
    log.gate.set()
    for future in futures:
        future.result(PATIENCE)

    assert (full, committer.full) == (True, False)


def test_the_thread_survives_an_exception_which_is_the_answer_to_its_group(log: Log) -> None:
    log.gate.set()
    committer = Committer(log)

    assert isinstance(committer.submit(batch("broken")).result(PATIENCE), OSError)
    assert committer.submit(batch("next")).result(PATIENCE) == Stored(answer="next")


def test_the_thread_survives_a_caller_that_tries_to_cancel(log: Log) -> None:
    committer = Committer(log)
    given_up = committer.submit(batch("given-up"))

    assert given_up.cancel() is False
    log.gate.set()
    assert committer.submit(batch("next")).result(PATIENCE) == Stored(answer="next")


def test_no_thread_runs_before_there_is_work(log: Log) -> None:
    committer = Committer(log)
    assert committer._thread is None
    log.gate.set()
    committer.submit(batch("first")).result(PATIENCE)
    wait_until(lambda: committer._thread is not None and committer._thread.is_alive(), "the thread")


def test_a_large_event_counts_for_as_many_as_it_is_large(log: Log) -> None:
    committer = Committer(log)
    text = {"seq": 1, "age": 1.0, "kind": "later", "x": "x" * 60 * LARGE}
    large = incoming(document([text] * (BACKLOG_EVENTS // 61 + 1), contract=None))
    future = committer.submit(large)
    full = committer.full
    log.gate.set()
    future.result(PATIENCE)

    assert (full, committer.full) == (True, False)
