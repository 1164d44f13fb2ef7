"""The receiver behind a real Daphne, spoken to over real connections."""

import gzip
import json
import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from ingest.models import Boot, Event
from ingest.receive.endpoint import PATH
from ingest.store import keys
from ingest.wire.body import MAX_BODY
from tests.engines import LOOPBACK, Postgres, wait_until
from tests.ingest.batches import document, race
from tests.ingest.receive.web import TIMEOUT, Web, answer, on_test_database, running

pytestmark = pytest.mark.integration

READY = {"seq": 1, "age": 1.0, "kind": "boot.ready"}
SENT = document([READY])
ONE = {"accepted": 1, "duplicates": 0, "rejected": []}
SENDERS, POSTS = 8, 15


@pytest.fixture(scope="module")
def web(django_db_setup: None, redis_url: str) -> Iterator[Web]:  # noqa: ARG001 - both have to be there
    """A web process that is shared by all tests."""
    with on_test_database() as web:
        yield web


@pytest.fixture
def key(transactional_db: None) -> str:  # noqa: ARG001 - the key is stored
    return keys.create("write")


def head(key: str, *more: str) -> bytes:
    """The head of a request, for senders that behave badly after it."""
    lines = [f"POST {PATH} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {key}"]
    return "\r\n".join([*lines, "Content-Type: application/json", *more, "", ""]).encode()


class TestABatch:
    def test_is_stored_when_it_is_answered(self, web: Web, key: str) -> None:
        response = web.post(document(race()), key)

        assert (response.status, response.headers["content-type"]) == (202, "application/json")
        assert response.document == {"accepted": len(race()), "duplicates": 0, "rejected": []}
        assert Event.objects.count() == len(race())

    def test_may_come_in_chunks_without_a_length(self, web: Web, key: str) -> None:
        body = json.dumps(SENT).encode()
        assert web.post(b"", key, chunks=[body[:7], body[7:50], body[50:]]).document == ONE

    def test_may_come_compressed_and_in_chunks(self, web: Web, key: str) -> None:
        body = gzip.compress(json.dumps(SENT).encode())
        sent = web.post(b"", key, {"Content-Encoding": "gzip"}, chunks=[body[:9], body[9:]])
        assert sent.document == ONE

    def test_may_come_slowly_and_keeps_nobody_else_waiting(self, web: Web, key: str) -> None:
        body = json.dumps(SENT).encode()
        with socket.create_connection((LOOPBACK, web.port), timeout=TIMEOUT) as slow:
            slow.sendall(head(key, f"Content-Length: {len(body)}") + body[:100])
            other = web.post(document([READY], boot="boot-2"), key)
            slow.sendall(body[100:])
            status = slow.recv(12)

        assert (other.document, status) == (ONE, b"HTTP/1.1 202")
        assert set(Boot.objects.values_list("ident", flat=True)) == {"boot-1", "boot-2"}

    def test_follows_another_on_one_connection(self, web: Web, key: str) -> None:
        client = web.connect()
        answers = []
        for seq in (1, 2, 2):
            headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
            client.request("POST", PATH, json.dumps(document([{**READY, "seq": seq}])), headers)
            answers.append(answer(client).document)
        client.close()

        assert [(a["accepted"], a["duplicates"]) for a in answers] == [(1, 0), (1, 0), (0, 1)]

    @pytest.mark.parametrize(
        "framing", [("Content-Length: 1000",), ("Transfer-Encoding: chunked",)], ids=["length", "chunks"]
    )
    def test_that_never_became_whole_changes_nothing(
        self, web: Web, key: str, framing: tuple[str, ...]
    ) -> None:
        with socket.create_connection((LOOPBACK, web.port), timeout=TIMEOUT) as broken:
            broken.sendall(head(key, *framing) + b'A\r\n{"v": 1, "e')

        assert web.post(SENT, key).document == ONE
        assert Boot.objects.count() == 1

    def test_is_stored_once_however_many_send_it_at_once(self, web: Web, key: str) -> None:
        def post(n: int) -> tuple[int, int, int]:
            said = web.post(document([{**READY, "seq": n // 2}]), key)
            return said.status, said.document["accepted"], said.document["duplicates"]

        with ThreadPoolExecutor(SENDERS) as senders:
            answers = list(senders.map(post, range(SENDERS * POSTS)))

        half = SENDERS * POSTS // 2
        assert {status for status, *_ in answers} == {202}
        assert (sum(a for _, a, _ in answers), sum(d for *_, d in answers)) == (half, half)
        assert Event.objects.count() == half


class TestARefusal:
    def test_of_an_unknown_sender_says_how_to_be_known(self, web: Web, key: str) -> None:
        response = web.post(SENT, f"{key}x")
        assert (response.status, response.headers["www-authenticate"]) == (401, "Bearer")
        assert response.headers["content-type"] == "application/problem+json"

    def test_of_a_method_names_the_one_that_is_allowed(self, web: Web) -> None:
        client = web.connect()
        client.request("GET", PATH)
        response = answer(client)
        client.close()
        assert (response.status, response.headers["allow"]) == (405, "POST")

    def test_of_a_type_or_an_encoding_names_what_is_taken(self, web: Web, key: str) -> None:
        other_type = web.post(SENT, key, {"Content-Type": "text/plain"})
        other_encoding = web.post(SENT, key, {"Content-Encoding": "br"})
        assert (other_type.status, other_encoding.status) == (415, 415)
        assert other_encoding.headers["accept-encoding"] == "gzip, zstd, identity"

    def test_of_a_body_that_is_too_large_says_so(self, web: Web, key: str) -> None:
        assert web.post(bytes(MAX_BODY + 1), key).status == 413

    def test_leaves_the_path_beside_it_to_others(self, web: Web, key: str) -> None:
        client = web.connect()
        client.request("POST", f"{PATH}/", b"{}", {"Authorization": f"Bearer {key}"})
        assert answer(client).status in {403, 404, 405}
        client.close()


def in_line(web: Web, key: str) -> tuple[set[int], float]:
    """What many senders are answered while the database is away, and after how many seconds all of them."""
    started = time.monotonic()
    with ThreadPoolExecutor(SENDERS) as senders:
        answers = set(senders.map(lambda _: web.post(SENT, key).status, range(SENDERS)))
    return answers, time.monotonic() - started


def test_a_database_that_is_killed_is_waited_for_and_nothing_acknowledged_is_lost(redis_url: str) -> None:
    assert redis_url
    database = Postgres()
    database.start()
    try:
        with running(database.url()) as web:
            web.manage("migrate", "--verbosity", "0")
            printed = web.manage("create_key", "--scope", "write")
            key = printed.strip()
            before = web.post(SENT, key).document

            database.kill()
            away = web.post(document([{**READY, "seq": 2}]), key)
            away_for_all, took = in_line(web, key)
            database.start()
            wait_until(lambda: web.post(SENT, key).status == 202, "the database to be reached again")
            again = web.post(document([{**READY, "seq": seq} for seq in (1, 2)]), key).document
    finally:
        database.stop()

    assert re.fullmatch(r"fs_[A-Za-z0-9_-]{43}\n", printed)
    assert before == ONE
    assert (away.status, away.headers["retry-after"], away.document["title"]) == (503, "2", "Database away")
    assert (away_for_all, took < 15.0) == ({503}, True)
    assert again == {"accepted": 1, "duplicates": 1, "rejected": []}
