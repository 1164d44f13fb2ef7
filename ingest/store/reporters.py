"""Those who report from outside a process: how far each one's clock seems to be from ours.

A reporter inside the process needs no row: its boot keeps the offset of the one clock they all read.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from ingest.domain.clocks import clock_of, steps
from ingest.models import Reporter

Owner = tuple[int | None, int]  # Boot id, or None; environment id.
Named = tuple[str, str]  # Role and name.
Key = tuple[Owner, Named]


@dataclass(frozen=True, kw_only=True, slots=True)
class Met:
    """One receipt from a reporter outside the process."""

    owner: Owner
    named: Named
    clock_offset: float  # s; receipt minus `sent_at`.
    revision: int  # Of its owner, that comes of this.

    @property
    def key(self) -> Key:
        """Return what its reporter is known by."""
        return self.owner, self.named


def meet(receipts: Iterable[Met]) -> set[Owner]:
    """Keep the least offset of each reporter; return the owners of those whose estimate fell by a step.

    The owners are locked, so nobody else can meet the same reporters before this transaction ends.
    """
    least: dict[Key, Met] = {}
    for met in receipts:
        if met.key not in least or met.clock_offset < least[met.key].clock_offset:
            least[met.key] = met
    if not least:
        return set()
    known = _known(least.values())
    new = [met for key, met in least.items() if key not in known]
    better = [(known[key], met) for key, met in least.items() if key in known and _better(known[key], met)]
    moved = {met.owner for row, met in better if _improve(row, met)}
    Reporter.objects.bulk_create(_made(met) for met in new)
    Reporter.objects.bulk_update((row for row, _ in better), ("clock_offset", "revision"))
    return moved | {met.owner for met in new}


def _known(receipts: Collection[Met]) -> dict[Key, Reporter]:
    names = {met.named[1] for met in receipts}
    boots = {boot for met in receipts if (boot := met.owner[0]) is not None}
    environments = {met.owner[1] for met in receipts if met.owner[0] is None}
    rows = [
        *(Reporter.objects.filter(boot_id__in=boots, name__in=names) if boots else ()),
        *(_without_boot(environments).filter(name__in=names) if environments else ()),
    ]
    return {((row.boot_id, row.environment_id), (row.role, row.name)): row for row in rows}


def _better(row: Reporter, met: Met) -> bool:
    return met.clock_offset < row.clock_offset


def _improve(row: Reporter, met: Met) -> bool:
    """Take over the better estimate; tell whether that is a step."""
    stepped = steps(met.clock_offset) < steps(row.clock_offset)
    row.clock_offset = met.clock_offset
    if stepped:
        row.revision = met.revision
    return stepped


def _made(met: Met) -> Reporter:
    boot, environment = met.owner
    role, name = met.named
    return Reporter(
        boot_id=boot,
        environment_id=environment,
        role=role,
        name=name,
        clock_offset=met.clock_offset,
        revision=met.revision,
    )


def of_boot(boot: int) -> dict[str, int]:
    """Return the offsets of those who report a boot from outside, in steps, by clock."""
    return _offsets(Reporter.objects.filter(boot_id=boot))


def without_boot(environment: int, named: Collection[Named]) -> dict[str, int]:
    """Return the offsets of these reporters of an environment that name no boot, in steps, by clock."""
    if not named:
        return {}
    rows = _without_boot([environment]).filter(name__in={name for _, name in named})
    return {clock: offset for clock, offset in _offsets(rows).items() if clock in _clocks(named)}


def moved(environment: int, after: int) -> list[str]:
    """Return the names of those without a boot whose estimate fell by a step after that revision."""
    rows = _without_boot([environment]).filter(revision__gt=after)
    return list(rows.values_list("name", flat=True))


def _without_boot(environments: Collection[int]) -> "QuerySet[Reporter]":
    return Reporter.objects.filter(boot=None, environment_id__in=environments)


def _clocks(named: Iterable[Named]) -> set[str]:
    return {clock_of(role, name) for role, name in named}


def _offsets(rows: "QuerySet[Reporter]") -> dict[str, int]:
    told = rows.values_list("role", "name", "clock_offset")
    return {clock_of(role, name): steps(offset) for role, name, offset in told}
