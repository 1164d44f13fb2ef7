"""What browsers ask before they send, and what they let a page read."""

import asyncio
from datetime import UTC, datetime

import pytest
from django.db import OperationalError

from ingest.models import Key
from ingest.receive.origins import is_preflight
from ingest.store import keys
from tests.engines import wait_until
from tests.ingest.batches import document
from tests.ingest.receive.driver import Desk, Raising, Response

pytestmark = [pytest.mark.integration, pytest.mark.django_db(transaction=True)]

ORIGIN, OTHER = "https://app.example.com", "https://evil.example"
READABLE = {
    "vary": "Origin",
    "access-control-allow-origin": ORIGIN,
    "access-control-expose-headers": "Retry-After",
}
SENT = document([], boot=None, role="client")


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.key = keys.create("client", origins=[ORIGIN])
    return desk


def preflight(desk: Desk, origin: str = ORIGIN) -> Response:
    headers = {"origin": origin, "access-control-request-method": "POST"}
    response = asyncio.run(desk.drive([], method="OPTIONS", headers=headers))
    assert response is not None
    return response


def readable(response: Response) -> dict[str, str]:
    """The headers that browsers look for, and what they depend on."""
    return {name: value for name, value in response.headers.items() if name.startswith(("access-", "vary"))}


def test_a_browser_that_asks_is_told_what_its_page_may_send(desk: Desk) -> None:
    response = preflight(desk)

    assert (response.status, response.body) == (200, b"")
    assert response.headers == READABLE | {
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": "Authorization, Content-Type, Content-Encoding, Idempotency-Key",
        "access-control-max-age": "600",
    }


def test_an_origin_that_no_key_is_bound_to_is_refused_and_cannot_read_that(desk: Desk) -> None:
    response = preflight(desk, OTHER)

    assert (response.status, response.document["detail"]) == (403, "No key is bound to this origin.")
    assert readable(response) == {"vary": "Origin"}


@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
@pytest.mark.parametrize("missing", ["origin", "access-control-request-method"])
def test_only_a_browsers_question_is_one(method: str, missing: str) -> None:
    headers = {"origin": ORIGIN, "access-control-request-method": "POST"}
    assert is_preflight(method, headers) == (method == "OPTIONS")
    del headers[missing]
    assert not is_preflight(method, headers)


def test_a_page_can_read_that_its_batch_was_stored(desk: Desk) -> None:
    response = desk.post(SENT, origin=ORIGIN)
    assert (response.status, readable(response)) == (202, READABLE)


@pytest.mark.parametrize(
    ("sent", "headers", "status"),
    [
        (SENT, {"authorization": "Bearer fs_unknown"}, 401),
        (SENT, {"content_type": "text/csv"}, 415),
        (b"{", {}, 400),
        ({**SENT, "v": 2}, {}, 422),
    ],
    ids=["no key", "type", "no JSON", "envelope"],
)
def test_a_page_can_read_why_its_batch_was_not(
    desk: Desk, sent: object, headers: dict[str, str], status: int
) -> None:
    response = desk.post(sent, origin=ORIGIN, **headers)
    assert (response.status, readable(response)) == (status, READABLE)


def test_a_page_can_read_that_the_database_is_away() -> None:
    desk = Desk(Raising(OperationalError("gone")))
    desk.key = keys.create("client", origins=[ORIGIN])
    response = desk.post(SENT, origin=ORIGIN)
    assert (response.status, readable(response)) == (503, READABLE)


def test_who_is_no_page_is_told_nothing_of_this(desk: Desk) -> None:
    assert readable(desk.post(SENT, authorization=f"Bearer {keys.create('write')}")) == {}


def test_a_page_of_another_origin_cannot_read_the_answer(desk: Desk) -> None:
    assert readable(desk.post(SENT, origin=OTHER)) == {"vary": "Origin"}


def test_the_origins_of_a_revoked_key_are_forgotten_within_seconds(desk: Desk) -> None:
    assert preflight(desk).status == 200
    Key.objects.update(revoked_at=datetime.now(UTC))
    wait_until(lambda: preflight(desk).status == 403, "the origin to be forgotten")
