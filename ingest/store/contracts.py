"""Versions of contracts: what services declare with their boots, and what people state on a page.

Versions are numbered without gaps within an environment, over both. A person's latest version is in force
for every boot of the environment: field by field it beats what the boot declared.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db import transaction
from django.db.models import Max

from ingest.domain import contract
from ingest.domain.contract import Declared
from ingest.domain.people import Act
from ingest.models import Contract, Environment
from ingest.store import audit

EVERY_BOOT = 2**63 - 1  # above the id of any boot

_declared = msgspec.json.Decoder(Declared)
_NOTHING = Declared()


class OvertakenError(Exception):
    """Somebody else stated a version after the latest one that the writer had seen; nothing was changed."""

    def __init__(self, latest: int) -> None:
        """Take the latest version."""
        super().__init__(f"version {latest} has been stated meanwhile")
        self.latest = latest


@dataclass(frozen=True, kw_only=True, slots=True)
class Stated:
    """A version of a contract."""

    id: int
    version: int
    declared: Declared


def state(
    environment_id: int, declared: Declared, *, by: str, reason: str, now: datetime, after: int | None = None
) -> int:
    """Store what a person states, as a whole, as a new version; return its number.

    An empty statement takes back whatever was stated before. The content of the last such version again
    changes nothing and returns that version (0: there is none, and nothing to take back). Every boot of
    the environment is decided again, by the sweep.

    Raises `OvertakenError` where `after`, the latest version that the writer saw, is the latest no more.
    """
    with transaction.atomic():
        # The lock keeps two people apart: each would take the other's version for the one it saw.
        scope = Environment.objects.select_for_update(no_key=True).get(pk=environment_id)
        last = _last(environment_id)
        if canonical(declared) == canonical(last.declared if last else _NOTHING):
            return last.version if last else 0
        latest = latest_version(environment_id)
        if after is not None and after != latest:
            raise OvertakenError(latest)
        said = {"stated_by": by, "reason": reason, "created_at": now}
        pk = _add(environment_id, declared, source=Contract.Source.PERSON, **said)
        scope.redecide_below = EVERY_BOOT
        scope.save(update_fields=("redecide_below",))
        version = Contract.objects.values_list("version", flat=True).get(pk=pk)
        audit.note(Act.CONTRACT_SET, str(scope), by=by, at=now, after={"version": version, "reason": reason})
        return version


def in_force(environment_id: int) -> Declared | None:
    """Return what people state for an environment, or None where they state nothing."""
    stated = stated_in(environment_id)
    return stated.declared if stated else None


def stated_in(environment_id: int) -> Stated | None:
    """Return the version of what people state for an environment, or None where they state nothing."""
    last = _last(environment_id)
    return last if last and last.declared != _NOTHING else None


def merged(person: Stated | None, declared: Contract | None) -> contract.Contract:
    """Return the contract in force for a boot that declared this one, each field with whose it is."""
    return contract.in_force(
        (person.version, person.declared) if person else None,
        (declared.version, decode(declared.body)) if declared else None,
    )


def latest_version(environment_id: int) -> int:
    """Return the greatest version of an environment's contracts, whoever stated it; 0 without any."""
    versions = Contract.objects.filter(environment_id=environment_id)
    return versions.aggregate(latest=Max("version"))["latest"] or 0


def declare(wanted: Collection[tuple[int, Declared]]) -> dict[tuple[int, str], int]:
    """Return the ids of these environments' declared contracts, keyed by environment id and digest."""
    stated = {(environment, digest(declared)): declared for environment, declared in wanted}
    found = _find_declared(stated)
    for key in sorted(stated.keys() - found.keys()):
        found[key] = _add(key[0], stated[key], source=Contract.Source.DECLARED)
    return found


def decode(body: str) -> Declared:
    """Return the contract of a row's body."""
    return _declared.decode(body)


def canonical(declared: Declared) -> str:
    """Return a contract's canonical JSON, equal for equal contracts."""
    return msgspec.json.encode(declared, order="deterministic").decode()


def digest(declared: Declared) -> str:
    """Return the digest of a contract's canonical JSON."""
    return hashlib.sha256(canonical(declared).encode()).hexdigest()


def _last(environment_id: int) -> Stated | None:
    by_people = Contract.objects.filter(environment_id=environment_id, source=Contract.Source.PERSON)
    row = by_people.order_by("-version").values_list("pk", "version", "body").first()
    return Stated(id=row[0], version=row[1], declared=decode(row[2])) if row else None


def _find_declared(keys: Collection[tuple[int, str]]) -> dict[tuple[int, str], int]:
    declared = Contract.objects.filter(
        source=Contract.Source.DECLARED, digest__in={digest for _, digest in keys}
    )
    rows = declared.values_list("environment_id", "digest", "id")
    return {(environment, digest): pk for environment, digest, pk in rows if (environment, digest) in keys}


def _add(environment: int, declared: Declared, *, source: str, **said: object) -> int:
    """Add a version under the next number, and return its id; a declared one may be there already.

    Without the environment's lock, which must not be taken after those of boots. Who takes the same number
    at the same time waits for the other's commit, finds it taken, and tries the next.
    """
    mark = digest(declared)
    while True:
        version = latest_version(environment) + 1
        row = Contract(
            environment_id=environment,
            version=version,
            source=source,
            body=canonical(declared),
            digest=mark,
            **said,
        )
        Contract.objects.bulk_create([row], ignore_conflicts=True)
        same = Contract.objects.filter(environment_id=environment, source=source, digest=mark)
        mine = same if source == Contract.Source.DECLARED else same.filter(version=version)
        if (pk := mine.values_list("pk", flat=True).first()) is not None:
            return pk
