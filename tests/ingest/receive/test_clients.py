"""What a client key may do, and what it may not, in-process and on a real database."""

import asyncio
import gzip
import json
from contextlib import suppress
from typing import Any

import pytest

from ingest.auth import Grant
from ingest.models import Event
from ingest.receive.clients import MAX_BODY, MOST_SAMPLED, RETRY_AFTER, Rates, as_sent
from ingest.store import keys
from ingest.wire.batch import Refused
from tests.ingest.batches import document
from tests.ingest.receive.driver import Desk, Response

ORIGIN = "https://app.example.com"
OPENED = {"id": "1", "kind": "socket.opened", "socket": "c-1", "at": "2026-09-16T01:42:54Z"}
SENT = document([OPENED], boot=None, role="client")
ONE = {"accepted": 1, "duplicates": 0, "rejected": []}


class TestHeadersOfABeacon:
    def test_get_the_key_from_the_address_and_plain_text_is_json(self) -> None:
        sent = {"content-type": "text/plain;charset=UTF-8", "origin": ORIGIN}
        made = {"content-type": "application/json", "origin": ORIGIN, "authorization": "Bearer fs_x"}
        assert as_sent(sent, b"key=fs_x") == made

    def test_keep_another_type(self) -> None:
        sent = {"content-type": "application/json"}
        assert as_sent(sent, b"key=fs_x") == {**sent, "authorization": "Bearer fs_x"}

    @pytest.mark.parametrize("query", [b"", b"key=", b"key=a&key=b", b"other=fs_x"])
    def test_stay_as_they_are_without_one_key(self, query: bytes) -> None:
        sent = {"content-type": "text/plain"}
        assert as_sent(sent, query) is sent

    def test_stay_as_they_are_where_they_name_a_key_themselves(self) -> None:
        sent = {"authorization": "Bearer fs_y"}
        assert as_sent(sent, b"key=fs_x") is sent


class TestTheRate:
    def grant(self, key_id: int = 1, scope: str = "client") -> Grant:
        return Grant(key_id=key_id, scope=scope, service="", environment="", expires_at=None)

    def taken(self, rates: Rates, grant: Grant, number: int, now: float) -> int:
        """How many of so many batches at once are taken."""
        taken = 0
        for _ in range(number):
            with suppress(Refused):
                rates.check(grant, now)
                taken += 1
        return taken

    def test_asks_to_wait(self) -> None:
        rates = Rates(rate=1.0, burst=1.0)
        rates.check(self.grant(), 0.0)
        with pytest.raises(Refused) as refused:
            rates.check(self.grant(), 0.0)
        assert (refused.value.status, refused.value.headers) == (429, (("Retry-After", str(RETRY_AFTER)),))

    def test_lets_a_burst_in_and_then_so_many_a_second(self) -> None:
        rates = Rates(rate=10.0, burst=20.0)
        taken = [self.taken(rates, self.grant(), 100, now) for now in (0.0, 0.5, 0.5, 1.0, 60.0)]
        assert taken == [20, 5, 0, 5, 20]

    def test_is_counted_for_each_key_by_itself(self) -> None:
        rates = Rates(rate=1.0, burst=2.0)
        assert [self.taken(rates, self.grant(key), 3, 0.0) for key in (1, 2)] == [2, 2]

    def test_holds_for_client_keys_alone(self) -> None:
        rates = Rates(rate=1.0, burst=2.0)
        assert self.taken(rates, self.grant(scope="write"), 100, 0.0) == 100


@pytest.mark.integration
@pytest.mark.django_db(transaction=True)
class TestAClientKey:
    @pytest.fixture
    def desk(self) -> Desk:
        desk = Desk()
        desk.key = keys.create("client", origins=[ORIGIN])
        return desk

    def refused(self, response: Response) -> tuple[int, str]:
        assert Event.objects.count() == 0
        return response.status, response.document["detail"]

    def beacon(self, desk: Desk, key: str, sent: Any = SENT) -> Response:
        headers = {"content-type": "text/plain;charset=UTF-8", "origin": ORIGIN}
        asked = desk.drive([json.dumps(sent).encode()], headers=headers, query=f"key={key}")
        response = asyncio.run(asked)
        assert response is not None
        return response

    def test_reports_from_a_page_of_its_origin(self, desk: Desk) -> None:
        response = desk.post(SENT, origin=ORIGIN)
        assert (response.status, response.document) == (202, ONE)
        assert Event.objects.get().role == "client"

    @pytest.mark.parametrize("origin", ["https://app.example.com.evil.org", "http://app.example.com", "null"])
    def test_is_refused_from_a_page_of_another(self, desk: Desk, origin: str) -> None:
        detail = f"This key is bound to other origins and may not be sent from a page of {origin}."
        assert self.refused(desk.post(SENT, origin=origin)) == (403, detail)

    def test_is_refused_where_no_page_sends_it(self, desk: Desk) -> None:
        detail = "This key is bound to other origins and may not be sent from a page."
        assert self.refused(desk.post(SENT)) == (403, detail)

    @pytest.mark.parametrize("role", ["service", "gateway", "log", "drill"])
    def test_cannot_speak_for_anybody_else(self, desk: Desk, role: str) -> None:
        sent = document(SENT["events"], boot=None, role=role)
        detail = "A client key may only tell what a client saw: reporter role `client`, and no `boot`."
        assert self.refused(desk.post(sent, origin=ORIGIN)) == (403, detail)

    def test_cannot_speak_of_a_boot(self, desk: Desk) -> None:
        sent = document([{"seq": 1, "age": 1.0, "kind": "boot.exited"}], role="client")
        assert self.refused(desk.post(sent, origin=ORIGIN))[0] == 403

    def test_is_limited_to_its_service_as_any_other(self, desk: Desk) -> None:
        desk.key = keys.create("client", "another", origins=[ORIGIN])
        detail = "This key may not write for chat-backend in staging."
        assert self.refused(desk.post(SENT, origin=ORIGIN)) == (403, detail)

    @pytest.mark.parametrize(
        ("end", "taken"),
        [
            ({"code": 1000, "stands_for": MOST_SAMPLED}, True),
            ({"code": 1001, "origin": "peer", "stands_for": 10}, True),
            ({"code": 1000, "stands_for": MOST_SAMPLED + 1}, False),
            ({"code": 1006, "stands_for": 2}, False),
            ({"code": 1006, "stands_for": 1}, True),
            ({"stands_for": 2}, False),
            ({"code": 1000, "origin": "app_error", "stands_for": 2}, False),
            ({"code": 1000, "exception": "KeyError", "stands_for": 2}, False),
            ({"kind": "socket.rejected", "stands_for": 2}, False),
        ],
    )
    def test_counts_failures_one_by_one(self, desk: Desk, end: dict[str, Any], taken: bool) -> None:
        ended = {**OPENED, "id": "2", "kind": "socket.ended", **end}
        response = desk.post(document([OPENED, ended], boot=None, role="client"), origin=ORIGIN)
        told = [error["pointer"] for error in response.document.get("errors", [])]
        assert (response.status, told, Event.objects.count()) == (
            (202, [], 2) if taken else (422, ["/events/1/stands_for"], 0)
        )

    def test_may_come_in_the_address_of_a_beacon(self, desk: Desk) -> None:
        response = self.beacon(desk, desk.key)
        assert (response.status, response.document) == (202, ONE)

    @pytest.mark.parametrize("scope", ["write", "read"])
    def test_is_the_only_one_that_may(self, desk: Desk, scope: str) -> None:
        assert self.refused(self.beacon(desk, keys.create(scope)))[0] == 403

    def test_that_is_unknown_is_no_key_in_an_address_either(self, desk: Desk) -> None:
        detail = "This key is unknown, expired or revoked."
        assert self.refused(self.beacon(desk, "fs_unknown")) == (401, detail)

    def test_takes_plain_text_from_beacons_alone(self, desk: Desk) -> None:
        assert self.refused(desk.post(SENT, origin=ORIGIN, content_type="text/plain"))[0] == 415

    @pytest.mark.parametrize("declared", [None, str(MAX_BODY + 1)])
    def test_sends_little_at_once(self, desk: Desk, declared: str | None) -> None:
        large = bytes(MAX_BODY + 1)
        detail = "With a client key a body may have 262144 bytes; split the batch."
        response = desk.post(large, origin=ORIGIN, content_length=declared)
        assert self.refused(response) == (413, detail)

    def test_sends_bodies_as_they_are(self, desk: Desk) -> None:
        body = gzip.compress(json.dumps(SENT).encode())
        response = desk.post(body, origin=ORIGIN, content_encoding="gzip")
        assert self.refused(response) == (415, "A client key takes bodies as they are.")

    def test_is_told_to_slow_down_in_a_way_that_its_page_can_read(self, desk: Desk) -> None:
        desk.receiver._rates = Rates(rate=0.001, burst=1.0)
        answers = [desk.post(SENT, origin=ORIGIN) for _ in range(2)]
        assert [answer.status for answer in answers] == [202, 429]
        assert answers[1].headers["retry-after"] == str(RETRY_AFTER)
        assert answers[1].headers["access-control-allow-origin"] == ORIGIN
