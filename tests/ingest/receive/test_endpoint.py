"""Every answer of the receiver, in-process and on a real database."""

import asyncio
import gzip
import json
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DataError, InterfaceError, OperationalError, ProgrammingError

from ingest.models import Batch, Boot, Event, Key
from ingest.receive.endpoint import GRANT_KEPT
from ingest.receive.publish import Publisher
from ingest.store import keys
from ingest.wire.body import MAX_BODY, Format
from ingest.wire.compression import MAX_DECODED
from tests.engines import Valkey, until, wait_until
from tests.ingest.batches import document, race
from tests.ingest.receive.driver import Desk, Held, Raising, Response
from tests.ingest.wire.forms import COMPRESS, as_ndjson

pytestmark = [pytest.mark.integration, pytest.mark.django_db(transaction=True)]

READY = {"seq": 1, "age": 1.0, "kind": "boot.ready"}
SENT = document([READY])
ONE = {"accepted": 1, "duplicates": 0, "rejected": []}
JSON, PROBLEM = "application/json", "application/problem+json"
HUGE = 10_000  # events, a fifth of what may wait


@pytest.fixture
def desk() -> Desk:
    return Desk()


def problem(response: Response) -> tuple[int, str, str]:
    """Status, title and detail of a refusal, which has to be a problem document."""
    assert response.headers["content-type"] == PROBLEM
    said = response.document
    assert (said["type"], said["status"]) == ("about:blank", response.status)
    return response.status, said["title"], said["detail"]


class TestAnAcceptedBatch:
    def test_is_counted_and_committed_before_the_answer(self, desk: Desk) -> None:
        response = desk.post(document(race()))

        assert (response.status, response.headers) == (202, {"content-type": JSON})
        assert response.body == b'{"accepted":%d,"duplicates":0,"rejected":[]}' % len(race())
        # This thread's connection is not the committer's: it sees what is committed only.
        assert Event.objects.count() == len(race())
        assert desk.hints.boots == [Boot.objects.get().pk]

    def test_answers_the_same_again_without_a_hint(self, desk: Desk) -> None:
        answers = [desk.post(SENT).document, desk.post(SENT).document]

        assert answers == [ONE, {"accepted": 0, "duplicates": 1, "rejected": []}]
        assert len(desk.hints.boots) == 1

    def test_names_the_events_that_were_not_stored(self, desk: Desk) -> None:
        response = desk.post(document([READY, {**READY, "seq": -2}]))

        assert response.status == 202
        assert response.document == ONE | {
            "rejected": [{"index": 1, "pointer": "/events/1/seq", "detail": "Expected `int` >= 0"}]
        }

    @pytest.mark.parametrize("encoding", sorted(COMPRESS))
    def test_may_be_compressed(self, desk: Desk, encoding: str) -> None:
        body = COMPRESS[encoding](json.dumps(SENT).encode())
        assert desk.post(body, content_encoding=encoding).document == ONE

    def test_may_come_as_lines_and_is_the_same_batch(self, desk: Desk) -> None:
        sent = document(race())
        answers = [desk.post(as_ndjson(sent), content_type=Format.NDJSON).document, desk.post(sent).document]
        assert answers == [
            {"accepted": len(race()), "duplicates": 0, "rejected": []},
            {"accepted": 0, "duplicates": len(race()), "rejected": []},
        ]

    def test_may_come_in_chunks_of_any_size_without_a_length(self, desk: Desk) -> None:
        body = json.dumps(SENT).encode()
        chunks = [body[:1], b"", body[1:40], body[40:]]

        response = asyncio.run(desk.drive(chunks, headers=desk.headers()))

        assert response is not None
        assert response.document == ONE

    @pytest.mark.parametrize(
        ("encoding", "events", "threads"),
        [("identity", 1, 0), ("identity", 1_000, 1), ("gzip", 1, 1), ("zstd", 1, 1)],
    )
    def test_is_decoded_beside_the_event_loop_where_that_may_take_long(
        self, desk: Desk, encoding: str, events: int, threads: int
    ) -> None:
        # A few compressed bytes may be a thousand times as many.
        body = json.dumps(document([{**READY, "seq": seq} for seq in range(events)])).encode()
        body = COMPRESS.get(encoding, bytes)(body)

        assert desk.post(body, content_encoding=encoding).document == ONE | {"accepted": events}
        assert len(desk.receiver._decoders._threads) == threads

    def test_may_be_empty(self, desk: Desk) -> None:
        assert desk.post(document([])).document == ONE | {"accepted": 0}


class TestWithoutAGoodKey:
    @pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic dTpw", "fs_x"])
    def test_nothing_is_taken(self, desk: Desk, header: str | None) -> None:
        response = desk.post(SENT, authorization=header)

        assert problem(response) == (401, "Unauthorized", "Send `Authorization: Bearer <key>`.")
        assert response.headers["www-authenticate"] == "Bearer"

    @pytest.mark.parametrize("fault", ["unknown", "expired", "revoked"])
    def test_the_answer_does_not_tell_what_is_wrong_with_it(self, desk: Desk, fault: str) -> None:
        now = datetime.now(UTC)
        expires_at = now - timedelta(seconds=1) if fault == "expired" else None
        secret = keys.create("write", label=fault, expires_at=expires_at)
        Key.objects.filter(label="revoked").update(revoked_at=now)
        Key.objects.filter(label="unknown").delete()

        response = desk.post(SENT, authorization=f"Bearer {secret}")

        assert problem(response) == (401, "Unauthorized", "This key is unknown, expired or revoked.")
        assert response.headers["www-authenticate"] == "Bearer"
        assert Event.objects.count() == 0

    def test_a_scheme_is_known_in_any_case(self, desk: Desk) -> None:
        assert desk.post(SENT, authorization=f"bEARER  {desk.key} ").status == 202

    def test_a_key_may_hold_anything_and_be_unknown(self, desk: Desk) -> None:
        assert desk.post(SENT, authorization="Bearer \xff\x00").status == 401

    def test_a_key_to_read_is_no_key_to_write(self, desk: Desk) -> None:
        response = desk.post(SENT, authorization=f"Bearer {keys.create('read')}")
        assert problem(response) == (403, "Forbidden", "This key may read, not write.")

    @pytest.mark.parametrize(
        ("service", "environment", "status"),
        [
            ("chat-backend", "", 202),
            ("", "staging", 202),
            ("chat-backend", "staging", 202),
            ("another", "", 403),
            ("", "production", 403),
            ("chat-backend", "production", 403),
            ("Chat-Backend", "", 403),
        ],
    )
    def test_a_limited_key_reaches_what_it_is_limited_to(
        self, desk: Desk, service: str, environment: str, status: int
    ) -> None:
        secret = keys.create("write", service, environment)
        response = desk.post(SENT, authorization=f"Bearer {secret}")

        assert (response.status, Event.objects.count()) == (status, 1 if status == 202 else 0)
        if status == 403:
            detail = "This key may not write for chat-backend in staging."
            assert problem(response) == (403, "Forbidden", detail)

    def test_a_revoked_key_is_refused_within_two_seconds(self, desk: Desk) -> None:
        assert desk.post(SENT).status == 202
        Key.objects.update(revoked_at=datetime.now(UTC))
        revoked = time.monotonic()

        wait_until(lambda: desk.post(SENT).status == 401, "a revoked key to be refused")

        assert GRANT_KEPT.total_seconds() == 2
        assert time.monotonic() - revoked < 3.0


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "post"])
def test_only_posting_is_allowed(desk: Desk, method: str) -> None:
    response = asyncio.run(desk.drive([], method=method))

    assert response is not None
    assert problem(response) == (405, "Method not allowed", "Batches are sent with POST.")
    assert response.headers["allow"] == "POST"


class TestABodyThatCannotBeTaken:
    def test_is_too_large_by_its_length(self, desk: Desk) -> None:
        headers = desk.headers(content_length=str(MAX_BODY + 1))
        response = asyncio.run(desk.drive([b"x"], headers=headers))

        assert response is not None
        detail = "A body may have 8388608 bytes; split the batch."
        assert problem(response) == (413, "Too large", detail)
        assert desk.unread == 2

    def test_is_too_large_as_soon_as_too_much_has_come(self, desk: Desk) -> None:
        chunks = [bytes(MAX_BODY // 2)] * 10
        response = asyncio.run(desk.drive(chunks, headers=desk.headers()))

        assert response is not None
        assert (response.status, desk.unread) == (413, 8)

    def test_is_too_large_inside(self, desk: Desk) -> None:
        response = desk.post(gzip.compress(bytes(MAX_DECODED + 1), 1), content_encoding="gzip")
        detail = "A body may have 33554432 bytes after decompression."
        assert problem(response) == (413, "Too large", detail)

    def test_is_of_another_type(self, desk: Desk) -> None:
        response = desk.post(SENT, content_type="text/plain")
        detail = "Send `Content-Type: application/json` or `application/x-ndjson`."
        assert problem(response) == (415, "Unsupported media type", detail)
        assert response.headers["accept"] == "application/json, application/x-ndjson"

    def test_is_encoded_in_another_way(self, desk: Desk) -> None:
        response = desk.post(SENT, content_encoding="br")
        detail = "`Content-Encoding` must be gzip or zstd."
        assert problem(response) == (415, "Unsupported encoding", detail)
        assert response.headers["accept-encoding"] == "gzip, zstd, identity"

    def test_is_encoded_twice(self, desk: Desk) -> None:
        headers = [*desk.headers(content_encoding="gzip").items(), ("content-encoding", "zstd")]
        response = asyncio.run(desk.drive([b"{}"], headers=headers))

        assert response is not None
        assert problem(response)[:2] == (415, "Unsupported encoding")

    def test_is_no_gzip(self, desk: Desk) -> None:
        assert desk.post(SENT, content_encoding="gzip").status == 400

    def test_is_no_json(self, desk: Desk) -> None:
        status, title, detail = problem(desk.post(b"{"))
        assert (status, title) == (400, "Bad request")
        assert detail == "The body is not valid JSON: Input data was truncated."

    def test_has_a_bad_envelope(self, desk: Desk) -> None:
        response = desk.post({**SENT, "v": 2})
        assert response.document == {
            "type": "about:blank",
            "title": "Invalid batch",
            "status": 422,
            "detail": "/v: Invalid enum value 2",
            "errors": [{"pointer": "/v", "detail": "Invalid enum value 2"}],
        }

    def test_names_a_boot_of_another_service(self, desk: Desk) -> None:
        desk.post(SENT)
        response = desk.post(document([READY], service="another"))
        detail = "/boot/id: This boot id belongs to another service or environment."
        assert problem(response) == (422, "Invalid batch", detail)
        assert Event.objects.count() == 1

    def test_never_became_whole(self, desk: Desk) -> None:
        body = json.dumps(SENT).encode()
        response = asyncio.run(desk.drive([body], headers=desk.headers(), whole=False))
        assert (response, Boot.objects.count()) == (None, 0)


class TestIdempotencyKey:
    @pytest.mark.parametrize("again", ["abc", '"abc"'])
    def test_with_the_same_body_gets_the_same_answer_quoted_or_not(self, desk: Desk, again: str) -> None:
        first = desk.post(SENT, idempotency_key='"abc"')
        second = desk.post(SENT, idempotency_key=again)

        assert (
            (second.status, second.body)
            == (first.status, first.body)
            == (202, json.dumps(ONE, separators=(",", ":")).encode())
        )
        assert Batch.objects.get().idempotency_key == "abc"

    def test_takes_a_body_that_was_compressed_again_for_the_same(self, desk: Desk) -> None:
        body = json.dumps(SENT).encode()
        sent = [gzip.compress(body, mtime=stamp) for stamp in (1, 2)]
        answers = [desk.post(one, content_encoding="gzip", idempotency_key="k").document for one in sent]
        assert answers == [ONE, ONE]

    def test_takes_the_same_batch_in_another_format_for_another_body(self, desk: Desk) -> None:
        desk.post(SENT, idempotency_key="k")
        response = desk.post(as_ndjson(SENT), content_type=Format.NDJSON, idempotency_key="k")
        assert problem(response)[:2] == (422, "Idempotency key reused")

    def test_that_comes_twice_is_none(self, desk: Desk) -> None:
        headers = [*desk.headers(idempotency_key="a").items(), ("idempotency-key", "b")]
        response = asyncio.run(desk.drive([json.dumps(SENT).encode()], headers=headers))

        assert response is not None
        assert response.status == 400

    def test_with_another_body_is_refused(self, desk: Desk) -> None:
        desk.post(SENT, idempotency_key="k")
        response = desk.post(document([{**READY, "seq": 2}]), idempotency_key="k")

        detail = "This `Idempotency-Key` came with another body before."
        assert problem(response) == (422, "Idempotency key reused", detail)
        assert Event.objects.count() == 1

    def test_is_its_own_for_each_key(self, desk: Desk) -> None:
        other = f"Bearer {keys.create('write')}"
        desk.post(SENT, idempotency_key="k")
        response = desk.post(document([{**READY, "seq": 2}]), idempotency_key="k", authorization=other)
        assert response.document == ONE

    @pytest.mark.parametrize(
        "junk", ["", '""', '"', "a b", "a\tb", '"abc', 'abc"', 'a"b', "a\\b", "é", "x" * 256, "a\n"]
    )
    def test_that_is_none_is_a_bad_request(self, desk: Desk, junk: str) -> None:
        response = desk.post(SENT, idempotency_key=junk)
        detail = "`Idempotency-Key` must be 1 to 255 visible ASCII characters."
        assert problem(response) == (400, "Bad request", detail)
        assert Event.objects.count() == 0

    def test_may_be_as_long_as_it_may(self, desk: Desk) -> None:
        assert desk.post(SENT, idempotency_key="x" * 255).status == 202


class TestWhenItCannotBeStoredNow:
    def test_too_much_that_waits_asks_the_sender_to_slow_down(self) -> None:
        save = Held()
        desk = Desk(save)
        # Five fill it; a sixth could already be told to slow down itself.
        huge = [document([{**READY, "seq": seq} for seq in range(HUGE)], boot=f"boot-{n}") for n in range(5)]

        async def flood() -> list[Response]:
            waiting = [asyncio.create_task(desk.request(one)) for one in huge]
            await until(lambda: desk.receiver._committer.full, "a backlog")
            late = await desk.request(SENT)
            save.release.set()
            return [late, *await asyncio.gather(*waiting)]

        late, *answers = asyncio.run(asyncio.wait_for(flood(), 60))

        detail = "More waits to be stored than should; send again later."
        assert problem(late) == (429, "Too fast", detail)
        assert late.headers["retry-after"] == "2"
        assert [answer.status for answer in answers] == [202] * 5
        assert desk.post(SENT).status == 202

    @pytest.mark.parametrize("error", [OperationalError, InterfaceError, ProgrammingError])
    def test_a_database_that_is_away_asks_for_the_same_again(self, error: type[Exception]) -> None:
        save = Raising(error("connection refused to 10.1.2.3"))
        desk = Desk(save)
        response = desk.post(SENT, idempotency_key="k")

        detail = "Nothing was stored; send the same batch again."
        assert problem(response) == (503, "Database away", detail)
        assert response.headers["retry-after"] == "2"

        save.error = None
        assert desk.post(SENT, idempotency_key="k").document == ONE

    @pytest.mark.parametrize("error", [ValueError, DataError])
    def test_a_fault_of_ours_is_hidden_logged_and_not_asked_for_again(
        self, error: type[Exception], caplog: pytest.LogCaptureFixture
    ) -> None:
        save = Raising(error("the secret is 42"))
        desk = Desk(save)
        with caplog.at_level(logging.ERROR, "ingest"):
            response = desk.post(SENT)

        detail = "Nothing was stored; the reason is in our log."
        assert problem(response) == (500, "Internal error", detail)
        assert "retry-after" not in response.headers
        assert "the secret is 42" in caplog.text

        save.error = None
        assert desk.post(SENT).document == ONE

    def test_a_sender_that_gives_up_takes_nobody_along(self) -> None:
        save = Held()
        desk = Desk(save)

        async def give_up() -> None:
            waiting = asyncio.create_task(desk.request(SENT))
            await asyncio.to_thread(save.reached.wait)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting

        asyncio.run(give_up())
        save.release.set()

        assert desk.post(document([{**READY, "seq": 2}])).document == ONE
        assert Event.objects.count() == 2


def test_a_dead_broker_delays_no_answer_and_the_boot_stays_due(valkey: Valkey) -> None:
    from dashboard.celery import app  # noqa: PLC0415 - what the publisher sends with is known from here on

    publisher = Publisher()
    desk = Desk(publisher=publisher)
    desk.post(document([]))
    valkey.kill()
    try:
        started = time.monotonic()
        response = desk.post(SENT)
        took = time.monotonic() - started
        wait_until(lambda: publisher.failures, "the hint to fail")
    finally:
        valkey.start()

    assert (app.main, response.document) == ("falsestart", ONE)
    assert took < 1.0
    assert Boot.objects.get().due_at is not None


def holds(desk: Desk, batches: int) -> Callable[[], bool]:
    return lambda: desk.receiver._committer._queue.qsize() == batches


def test_batches_that_arrive_together_share_a_transaction_and_keep_their_order() -> None:
    save = Held()
    desk = Desk(save)
    sent = [document([{"seq": 1, "kind": "later", "n": n}]) for n in range(20)]

    async def together() -> list[Any]:
        first = asyncio.create_task(desk.request(document([READY], boot="first")))
        await asyncio.to_thread(save.reached.wait)
        others = []
        for n, one in enumerate(sent):
            others.append(asyncio.create_task(desk.request(one)))
            await until(holds(desk, n + 1), "the batch to queue up")
        save.release.set()
        return [response.document for response in await asyncio.gather(first, *others)]

    answers = asyncio.run(asyncio.wait_for(together(), 60))

    assert save.groups == [1, 20]
    # Under one identity the first content wins: only the batch that came first is stored.
    assert [answer["accepted"] for answer in answers] == [1, 1] + [0] * 19
    assert '"n":0' in Event.objects.get(kind="later").body


def test_a_key_is_looked_up_once_in_two_seconds(desk: Desk) -> None:
    desk.post(SENT)
    Key.objects.all().delete()
    assert desk.post(SENT).status == 202
