"""Deployments: told once or many times, stored once, and a mark on the pages that show them."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from ingest.models import Deployment, Environment
from ingest.store import names
from ingest.store.record import next_mark


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What somebody told of a deployment."""

    service: str
    environment: str
    release: str
    at: datetime
    by: str  # Empty: not told.
    url: str  # Empty: not told.


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """The row that a deployment has."""

    key: int
    mark: int  # The environment's, when it was recorded.
    new: bool  # Whether it was not known before.


def record(told: Told, now: datetime) -> Recorded:
    """Store a deployment; the same release at the same instant is the same row, and the first telling counts.

    Raises `DatabaseError`, and then nothing is stored.
    """
    scope = (told.service, told.environment)
    with transaction.atomic():
        place = names.environments({scope})[scope]
        release = names.releases({(place, told.release)})[place, told.release]
        # Under this lock of two that tell the same at once one finds the other's row.
        Environment.objects.select_for_update(no_key=True).get(pk=place)
        identity = {"environment_id": place, "release_id": release, "at": told.at}
        known = Deployment.objects.filter(**identity).first()
        if known is not None:
            return Recorded(key=known.pk, mark=known.mark, new=False)
        own = {"by": told.by, "url": told.url, "received_at": now, "mark": next_mark(place)}
        made = Deployment.objects.create(**identity, **own)
    return Recorded(key=made.pk, mark=made.mark, new=True)
