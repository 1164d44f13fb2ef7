"""What is overdue, claimed by conditional update: the sweep's half of the promise."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import BigIntegerField, Case, F, Value, When

from ingest.models import Batch, Boot, Environment
from ingest.store.save import ANSWERS_KEPT

GRACE = timedelta(seconds=2)  # in which the hint that went with a commit is expected to do the work
LEASE = timedelta(seconds=15)  # for which a claimed row is nobody else's
AT_ONCE = 200  # boots in one claim


def boots(now: datetime) -> Sequence[int]:
    """Claim boots that are overdue at `now`; return their ids."""
    overdue = Boot.objects.filter(due_at__lte=now - GRACE).order_by("due_at").values_list("pk", "due_at")
    return [pk for pk, due_at in overdue[:AT_ONCE] if _claim(pk, due_at, now)]


def _claim(pk: int, due_at: datetime | None, now: datetime) -> bool:
    # Without news the boot is due because time passed: a new revision makes that worth recording.
    idle = When(revision=F("correlated_revision"), then=F("revision") + Value(1))
    revision = Case(idle, default=F("revision"), output_field=BigIntegerField())
    claimed = Boot.objects.filter(pk=pk, due_at=due_at).update(due_at=now + LEASE, revision=revision)
    return claimed == 1


def environments(now: datetime) -> Sequence[int]:
    """Claim environments with overdue events that name no boot; return their ids."""
    overdue = Environment.objects.filter(due_at__lte=now - GRACE).values_list("pk", "due_at")
    return [
        pk
        for pk, due_at in overdue[:AT_ONCE]
        if Environment.objects.filter(pk=pk, due_at=due_at).update(due_at=now + LEASE)
    ]


def forget_answers(now: datetime) -> int:
    """Drop the answers that no `Idempotency-Key` can ask for any more; return how many."""
    dropped, _ = Batch.objects.filter(created_at__lt=now - ANSWERS_KEPT).delete()
    return dropped
