"""The names that batches come with, as rows: services, environments, releases, instances."""

from collections.abc import Collection

from django.db.models import Model

from ingest.models import Environment, Instance, Release, Service

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
