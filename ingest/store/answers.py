"""What requests with an `Idempotency-Key` were answered, to be given again verbatim."""

from collections.abc import Iterable
from datetime import timedelta

from ingest.models import Batch
from ingest.store.incoming import Incoming

ANSWERS_KEPT = timedelta(hours=24)


def given(group: Iterable[Incoming]) -> dict[tuple[int, str], tuple[str, str]]:
    """Return digest and answer of the group's keys that were answered before, by API key and that key."""
    keyed = [i for i in group if i.idempotency_key is not None]
    if not keyed:
        return {}
    rows = Batch.objects.filter(
        key_id__in={i.key_id for i in keyed},
        idempotency_key__in={i.idempotency_key for i in keyed},
        created_at__gt=min(i.received_at for i in keyed) - ANSWERS_KEPT,
    ).values_list("key_id", "idempotency_key", "digest", "answer")
    return {(key, idempotency_key): (digest, answer) for key, idempotency_key, digest, answer in rows}


def keep(answered: Iterable[tuple[Incoming, str]]) -> None:
    """Keep what these were answered, as far as they came with a key."""
    keyed = [(i, i.idempotency_key, answer) for i, answer in answered if i.idempotency_key is not None]
    if not keyed:
        return
    # Those that are still there were older than `ANSWERS_KEPT`, or they would have been given again.
    Batch.objects.filter(
        key_id__in={i.key_id for i, _, _ in keyed}, idempotency_key__in={key for _, key, _ in keyed}
    ).delete()
    Batch.objects.bulk_create(
        Batch(
            key_id=i.key_id,
            idempotency_key=key,
            digest=i.digest,
            answer=answer,
            created_at=i.received_at,
        )
        for i, key, answer in keyed
    )
