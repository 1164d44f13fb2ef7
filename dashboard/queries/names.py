"""Where a word typed into the search box leads: services, releases and boots. Three statements."""

from dataclasses import dataclass

from django.db.models import Max, Q

from dashboard.queries.rows import BootRow, ReleaseRow, read
from ingest.models import Boot, Release

MOST = 10  # of each kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What the word may mean."""

    services: list[ReleaseRow]  # The newest release of each matching service and environment.
    releases: list[ReleaseRow]
    boots: list[BootRow]


def find(word: str) -> Found:
    """Find what begins with a word, or ends with it as a short boot id does; nothing for an empty one."""
    if not word:
        return Found(services=[], releases=[], boots=[])
    of_services = Release.objects.filter(environment__service__name__startswith=word).order_by()
    newest = of_services.values("environment").annotate(newest=Max("pk")).values("newest")[:MOST]
    boots = Boot.objects.filter(Q(ident__startswith=word) | Q(ident__endswith=word))
    releases = Release.objects.filter(name__startswith=word).order_by("-pk")
    return Found(
        services=read(
            ReleaseRow, Release.objects.filter(pk__in=list(newest.values_list("newest", flat=True)))
        ),
        releases=read(ReleaseRow, releases[:MOST]),
        boots=read(BootRow, boots.order_by("-started_at")[:MOST]),
    )
