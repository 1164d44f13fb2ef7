"""The names that batches come with, as rows: services, environments, releases, instances, contracts."""

import hashlib
from collections.abc import Collection

import msgspec
from django.db.models import Max, Model

from ingest.domain.contract import Declared
from ingest.models import Contract, Environment, Instance, Release, Service

Scope = tuple[str, str]  # service, environment


def environments(scopes: Collection[Scope]) -> dict[Scope, int]:
    """Return the ids of these environments; those that are new are made."""
    found = _find_environments(scopes)
    missing = sorted(set(scopes) - found.keys())
    if missing:
        services = _services({service for service, _ in missing})
        rows = [Environment(service_id=services[service], name=name) for service, name in missing]
        Environment.objects.bulk_create(rows, ignore_conflicts=True)
        found |= _find_environments(missing)
    return found


def _find_environments(scopes: Collection[Scope]) -> dict[Scope, int]:
    rows = Environment.objects.filter(
        service__name__in={service for service, _ in scopes}, name__in={name for _, name in scopes}
    ).values_list("service__name", "name", "id")
    return {(service, name): pk for service, name, pk in rows}


def _services(names: Collection[str]) -> dict[str, int]:
    Service.objects.bulk_create([Service(name=name) for name in sorted(names)], ignore_conflicts=True)
    return dict(Service.objects.filter(name__in=names).values_list("name", "id"))


def releases(wanted: Collection[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """Return the ids of these (environment id, release name)s; those that are new are made."""
    return _within_environment(Release, wanted)


def instances(wanted: Collection[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """Return the ids of these (environment id, instance name)s; those that are new are made."""
    return _within_environment(Instance, wanted)


def _within_environment(
    model: type[Release] | type[Instance], wanted: Collection[tuple[int, str]]
) -> dict[tuple[int, str], int]:
    found = _find_within(model, wanted)
    missing = sorted(set(wanted) - found.keys())
    if missing:
        rows: list[Model] = [model(environment_id=environment, name=name) for environment, name in missing]
        model._default_manager.bulk_create(rows, ignore_conflicts=True)  # type: ignore[arg-type] # noqa: SLF001
        found |= _find_within(model, missing)
    return found


def _find_within(
    model: type[Release] | type[Instance], wanted: Collection[tuple[int, str]]
) -> dict[tuple[int, str], int]:
    rows = model._default_manager.filter(  # noqa: SLF001
        environment_id__in={environment for environment, _ in wanted}, name__in={name for _, name in wanted}
    ).values_list("environment_id", "name", "id")
    return {(environment, name): pk for environment, name, pk in rows}


def contracts(wanted: Collection[tuple[int, Declared]]) -> dict[tuple[int, str], int]:
    """Return the ids of these environments' contracts, keyed by environment id and digest."""
    bodies = {(environment, digest(declared)): canonical(declared) for environment, declared in wanted}
    found = _find_contracts(bodies)
    for key in sorted(bodies.keys() - found.keys()):
        found[key] = _new_version(key[0], key[1], bodies[key])
    return found


def canonical(declared: Declared) -> str:
    """Return a contract's canonical JSON, equal for equal contracts."""
    return msgspec.json.encode(declared, order="deterministic").decode()


def digest(declared: Declared) -> str:
    """Return the digest of a contract's canonical JSON."""
    return hashlib.sha256(canonical(declared).encode()).hexdigest()


def _find_contracts(keys: Collection[tuple[int, str]]) -> dict[tuple[int, str], int]:
    declared = Contract.objects.filter(
        source=Contract.Source.DECLARED, digest__in={digest for _, digest in keys}
    )
    rows = declared.values_list("environment_id", "digest", "id")
    return {(environment, digest): pk for environment, digest, pk in rows if (environment, digest) in keys}


def _new_version(environment: int, digest: str, body: str) -> int:
    # The environment's lock makes versions gapless: two writers would both take the same next number.
    Environment.objects.select_for_update(no_key=True).get(pk=environment)
    latest = Contract.objects.filter(environment_id=environment).aggregate(latest=Max("version"))["latest"]
    contract, _ = Contract.objects.get_or_create(
        environment_id=environment,
        source=Contract.Source.DECLARED,
        digest=digest,
        defaults={"version": (latest or 0) + 1, "body": body},
    )
    return contract.pk
