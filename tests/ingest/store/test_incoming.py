"""What goes into the store and comes out of it cannot change on its way between threads."""

from dataclasses import FrozenInstanceError

import pytest

from ingest.store.incoming import Incoming, Stored
from tests.ingest.batches import document, incoming


def test_a_batch_on_its_way_and_its_result_are_frozen() -> None:
    for record, name in ((incoming(document([])), "digest"), (Stored(answer="{}"), "answer")):
        with pytest.raises(FrozenInstanceError):
            setattr(record, name, "")


def test_a_result_asks_for_nothing_unless_it_says_so() -> None:
    assert (Stored(answer="{}").boots, Stored(answer="{}").environments) == ((), ())


def test_a_batch_needs_no_idempotency_key() -> None:
    assert isinstance(incoming(document([])), Incoming)
    assert incoming(document([])).idempotency_key is None
