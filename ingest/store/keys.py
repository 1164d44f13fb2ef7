"""API keys in the database."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ingest import auth
from ingest.domain.people import Act
from ingest.models import Key
from ingest.store import audit

USE_RESOLUTION = timedelta(minutes=1)  # how exactly `last_used_at` is kept


def create(
    scope: str,
    service: str = "",
    environment: str = "",
    *,
    label: str = "",
    origins: Iterable[str] = (),
    expires_at: datetime | None = None,
    by: str = "",
) -> str:
    """Store a new key and return its secret, which is not kept and cannot be shown again.

    `by` is the person who makes it, empty for a command. Raises `ValueError`, with a sentence, for origins
    that do not go with the scope.
    """
    bound = auth.bound(scope, origins)
    secret = auth.mint()
    key = Key(
        digest=auth.digest(secret),
        prefix=secret[: auth.SHOWN],
        scope=scope,
        service=service,
        environment=environment,
        origins=bound,
        label=label,
        expires_at=expires_at,
        created_by=by,
    )
    with transaction.atomic():
        key.save()
        audit.note(Act.KEY_MADE, _called(key), by=by, at=timezone.now(), after=_limits(key))
    return secret


def find(secret: str, now: datetime) -> auth.Grant | None:
    """Return what a secret allows at `now`, or None for one that is unknown, expired or revoked."""
    key = Key.objects.filter(digest=auth.digest(secret), revoked_at=None).first()
    if key is None:
        return None
    grant = auth.Grant(
        key_id=key.pk,
        scope=key.scope,
        service=key.service,
        environment=key.environment,
        expires_at=key.expires_at,
        origins=frozenset(key.origins),
    )
    if grant.expired(now):
        return None
    _used(key.pk, now)
    return grant


def origins(now: datetime) -> frozenset[str]:
    """Return every origin to which a key is bound that is live at `now`."""
    live = Key.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), scope=auth.CLIENT, revoked_at=None)
    return frozenset(origin for bound in live.values_list("origins", flat=True) for origin in bound)


def revoke(key_id: int, now: datetime, *, by: str = "") -> bool:
    """End a key; False where there is none of that id, or somebody ended it before."""
    with transaction.atomic():
        ended = Key.objects.filter(pk=key_id, revoked_at=None).update(revoked_at=now, revoked_by=by)
        if ended:
            audit.note(Act.KEY_REVOKED, _called(Key.objects.get(pk=key_id)), by=by, at=now)
    return bool(ended)


def _called(key: Key) -> str:
    return f"{key.prefix}… {key.label}".strip()


def _limits(key: Key) -> audit.Facts:
    expires = key.expires_at and key.expires_at.isoformat(timespec="minutes")
    said = {
        "scope": key.scope,
        "service": key.service,
        "environment": key.environment,
        "expires": expires,
        "origins": key.origins,
    }
    return {name: value for name, value in said.items() if value}


def _used(key_id: int, now: datetime) -> None:
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_RESOLUTION)
    Key.objects.filter(stale, pk=key_id).update(last_used_at=now)
