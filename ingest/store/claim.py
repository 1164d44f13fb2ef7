"""What is overdue, claimed by conditional update: the sweep's half of the promise."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import BigIntegerField, Case, F, Value, When

from ingest.models import Batch, Boot, Environment
from ingest.store import contracts
from ingest.store.answers import ANSWERS_KEPT

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


def redecided(now: datetime) -> Sequence[int]:
    """Claim, the newest first, boots whose contract a person has changed; return their ids.

    A few at a time, however many there are, so that boots with news never wait for them.
    """
    waiting = Environment.objects.filter(redecide_below__isnull=False).order_by("pk")
    claimed: list[int] = []
    for environment in waiting.values_list("pk", flat=True):
        if len(claimed) < AT_ONCE:
            claimed += _redecide(environment, AT_ONCE - len(claimed), now)
    return claimed


def _redecide(environment: int, most: int, now: datetime) -> list[int]:
    with transaction.atomic():
        # The lock keeps a person who states the next version from being overtaken by this look at the last.
        scope = Environment.objects.select_for_update(no_key=True).get(pk=environment)
        if scope.redecide_below is None:
            return []
        stated = contracts.stated_in(environment)
        boots = Boot.objects.filter(environment_id=environment, pk__lt=scope.redecide_below).order_by("-pk")
        looked_at = list(boots.values_list("pk", "person_contract")[:most])
        pks = [pk for pk, judged_by in looked_at if judged_by != (stated.id if stated else None)]
        _revise(pks, now)
        scope.redecide_below = looked_at[-1][0] if len(looked_at) == most else None
        scope.save(update_fields=("redecide_below",))
    return pks


def _revise(pks: Sequence[int], now: datetime) -> None:
    # One by one in the order of their names, as `boots` locks them, or the two could deadlock.
    rows = Boot.objects.filter(pk__in=pks).order_by("ident").select_for_update(no_key=True)
    locked = list(rows.values_list("pk", flat=True))
    Boot.objects.filter(pk__in=locked).update(revision=F("revision") + 1, due_at=now + LEASE)


def forget_answers(now: datetime) -> int:
    """Drop the answers that no `Idempotency-Key` can ask for any more; return how many."""
    dropped, _ = Batch.objects.filter(created_at__lt=now - ANSWERS_KEPT).delete()
    return dropped
