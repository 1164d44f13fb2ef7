"""A request that comes again with its key is answered as it was at first."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ingest.models import Batch, Event, Key
from ingest.store.answers import ANSWERS_KEPT
from ingest.store.incoming import Stored
from ingest.store.save import save_group
from ingest.wire.batch import Refused
from tests.ingest.batches import document, incoming

pytestmark = pytest.mark.django_db(transaction=True)

PHASE = {"kind": "phase.started", "phase": "database", "age": 1.0}


@pytest.fixture
def key_id() -> int:
    return Key.objects.create(digest="d", prefix="fs_", scope="write").pk


def test_a_key_gives_the_first_answer_again(key_id: int) -> None:
    sent = incoming(document([{"seq": 1, **PHASE}]), key_id=key_id, idempotency_key="k")
    first, second = save_group([sent])[0], save_group([sent])[0]

    assert isinstance(first, Stored)
    assert isinstance(second, Stored)
    assert second.answer == first.answer == '{"accepted":1,"duplicates":0,"rejected":[]}'


def test_a_key_gives_it_within_one_group_as_well(key_id: int) -> None:
    sent = incoming(document([{"seq": 1, **PHASE}]), key_id=key_id, idempotency_key="k")
    first, second = save_group([sent, sent])

    assert isinstance(first, Stored)
    assert isinstance(second, Stored)
    assert second.answer == first.answer


def test_a_key_refuses_another_body(key_id: int) -> None:
    events = [{"seq": 1, **PHASE}], [{"seq": 2, **PHASE}]
    one, other = (incoming(document(e), key_id=key_id, idempotency_key="k") for e in events)
    save_group([one])
    (result,) = save_group([other])

    assert isinstance(result, Refused)
    assert (result.status, Event.objects.count()) == (422, 1)


def test_a_key_is_forgotten_after_a_day(key_id: int) -> None:
    sent = incoming(document([{"seq": 1, **PHASE}]), key_id=key_id, idempotency_key="k")
    save_group([sent])
    (result,) = save_group([replace(sent, received_at=sent.received_at + ANSWERS_KEPT + timedelta(1))])

    assert isinstance(result, Stored)
    assert result.answer == '{"accepted":0,"duplicates":1,"rejected":[]}'
    assert Batch.objects.count() == 1
