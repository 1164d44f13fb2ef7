"""The release page: watch a rollout, boot by boot and age by age."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from dashboard.figures.ages import ages, bin_width
from dashboard.figures.gantt import gantt
from dashboard.figures.lanes import Bar, Group, Lane
from dashboard.pages import release_tables as tables
from dashboard.pages.boots import by_boot, gates, lane, looks_bad, median_bars, middle, phase_names, top_bars
from dashboard.pages.page import Page, Row, rendered
from dashboard.pages.release_words import Story, ages_title, gantt_title, story_of, title_of
from dashboard.queries.release import ReleasePage, release, release_mark
from dashboard.queries.rows import BootRow, SocketRow
from dashboard.templatetags.falsestart import short
from ingest import live
from ingest.domain.contract import Contract

COLLAPSED_FROM = 60  # lanes; beyond, what is well starts as one band
MOST_LISTED_BOOTS = 60
MOST_LISTED_SOCKETS = 25
MOST_LISTED_STRAYS = 25


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawn:
    """What the figures rest on."""

    names: list[str]  # Phases, in contract order.
    groups: list[Group]
    hidden: int  # Boots folded into a band.
    reference: Lane | None
    bands: tuple[Bar, ...]
    gate: float | None  # Median, s.
    listening: float | None  # Median of where exposure began, s.


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseSource:
    """The page of a release."""

    service: str
    environment: str
    release: str
    everything: bool = False  # Whether boots that are well are drawn one by one, however many.
    template: str = "release/page.html"

    @property
    def group(self) -> str:
        """The group that hears of its changes."""
        return live.release_group(self.service, self.environment, self.release)

    @property
    def path(self) -> str:
        """The page's address."""
        return reverse("release", args=[self.service, self.environment, self.release])

    def load(self, now: datetime) -> Page | None:
        """Read the page as of `now`."""
        found = release(self.service, self.environment, self.release)
        return None if found is None else self._page(found, now)

    def mark(self) -> int:
        """Read the page's high mark alone."""
        return release_mark(self.service, self.environment, self.release)

    def _page(self, found: ReleasePage, now: datetime) -> Page:
        story = story_of(found)
        drawn = drawn_of(found, now, everything=self.everything)
        title = title_of(story)
        return Page(
            title=f"{found.release.name} · {found.release.service}",
            summary=title,
            mark=max([*(boot.mark for boot in found.boots), *(told.mark for told in found.deployments), 0]),
            at=now,
            regions={
                "title": rendered("release/title.html", title=title, it=found, story=story),
                "facts": rendered("release/facts.html", it=found, story=story),
                **_figure_regions(found, story, drawn, self.path),
                "causes_head": rendered("release/causes_head.html", story=story),
                "causes": rendered("release/causes.html", rows=tables.cause_rows(found), story=story),
                "boots_head": rendered("release/boots_head.html", it=found, most=MOST_LISTED_BOOTS),
                "sockets_head": rendered("release/sockets_head.html", it=found, most=MOST_LISTED_SOCKETS),
                "strays": rendered(
                    "release/strays.html",
                    rows=found.strays,
                    listed=found.strays[:MOST_LISTED_STRAYS],
                    most=MOST_LISTED_STRAYS,
                ),
                "foot": rendered("release/foot.html", it=found, story=story),
            },
            lists={"boots": _boot_rows(found), "sockets": _socket_rows(found)},
            figures=_figures(found, drawn),
        )


def drawn_of(found: ReleasePage, now: datetime, *, everything: bool) -> Drawn:
    """Return what the figures rest on."""
    contract = contract_of(found)
    names = phase_names(contract, [row for boot in found.boots for row in found.phases.get(boot.id, [])])
    sockets = by_boot(found.sockets)
    lanes = [(boot, _lane(boot, names, found, sockets.get(boot.id, []), now)) for boot in found.boots]
    groups, hidden = grouped(lanes, names, found, everything=everything)
    return Drawn(
        names=names,
        groups=groups,
        hidden=hidden,
        reference=_reference(names, found),
        bands=median_bars(names, found.phases.values(), failed_too=True),
        gate=middle(gates(found.boots)),
        listening=middle([boot.exposed_from for boot in found.boots if boot.exposed_from is not None]),
    )


def contract_of(found: ReleasePage) -> Contract | None:
    """Return the contract of the newest boot that has one."""
    judged = (found.contracts[boot.id] for boot in found.boots if boot.id in found.contracts)
    return next((one.contract for one in judged), None)


def grouped(
    lanes: Sequence[tuple[BootRow, Lane]], names: Sequence[str], found: ReleasePage, *, everything: bool
) -> tuple[list[Group], int]:
    """Return the lanes under their headings, and how many were folded into a band."""
    heads: dict[str, list[tuple[BootRow, Lane]]] = {
        "Needs a look": [],
        "Starting": [],
        "Ready": [],
        "Stopped": [],
    }
    for boot, drawn in lanes:
        heads[heading(boot, drawn)].append((boot, drawn))
    fold = len(lanes) > COLLAPSED_FROM and not everything
    groups, hidden = [], 0
    for title, group in heads.items():
        folded = fold and title in ("Ready", "Stopped") and len(group) > 1
        shown = (_band(group, names, found),) if folded else tuple(drawn for _, drawn in group)
        hidden += len(group) if folded else 0
        if group:
            groups.append(Group(title=f"{title} · {len(group)}", lanes=shown))
    return groups, hidden


def heading(boot: BootRow, drawn: Lane) -> str:
    """Return the heading that a boot stands under."""
    if boot.state == "starting":
        return "Starting"
    if boot.state == "degraded" or looks_bad(boot, _has_open(drawn)):
        return "Needs a look"
    return "Stopped" if boot.state == "stopped" else "Ready"


def _has_open(drawn: Lane) -> bool:
    return any(mark.words and mark.words[0].startswith("open") for mark in drawn.marks)


def _lane(
    boot: BootRow, names: list[str], found: ReleasePage, sockets: Sequence[SocketRow], now: datetime
) -> Lane:
    plain = lane(boot, (), sockets, now)
    bars = top_bars(names, found.phases.get(boot.id, []), plain.extent)
    return lane(boot, bars, sockets, now)


def _reference(names: list[str], found: ReleasePage) -> Lane | None:
    if found.normal is None or not found.normal.boots:
        return None
    bars = median_bars(names, found.normal.phases.values())
    return Lane(
        label=f"{found.normal.release.name} median", bars=bars, gate=middle(gates(found.normal.boots))
    )


def _band(group: Sequence[tuple[BootRow, Lane]], names: Sequence[str], found: ReleasePage) -> Lane:
    boots = [boot for boot, _ in group]
    bars = median_bars(names, [found.phases.get(boot.id, []) for boot in boots])
    return Lane(
        label=f"median of {len(boots)}",
        bars=bars,
        gate=middle(gates(boots)),
        listening=middle([boot.exposed_from for boot in boots if boot.exposed_from is not None]),
        marks=tuple(mark for _, drawn in group for mark in drawn.marks),
        failures=sum(drawn.failures for _, drawn in group),
    )


def _figures(found: ReleasePage, drawn: Drawn) -> dict[str, dict[str, object]]:
    return {
        "gantt": gantt(drawn.groups, drawn.names, reference=drawn.reference, gate=drawn.gate),
        "ages": ages(
            failures_of(found), drawn.bands, len(drawn.names), gate=drawn.gate, listening=drawn.listening
        ),
    }


def failures_of(found: ReleasePage) -> list[tuple[float, str, int]]:
    """Return the unexpected failures by the age at which they opened, in seconds."""
    return [
        (socket.opened_age, socket.cause, socket.stands_for)
        for socket in found.sockets
        if socket.opened_age is not None and not socket.expected
    ]


def _figure_regions(found: ReleasePage, story: Story, drawn: Drawn, path: str) -> dict[str, str]:
    causes = list(dict.fromkeys(socket.cause for socket in found.sockets))
    failures = failures_of(found)
    width = bin_width(failures, drawn.bands, drawn.gate)
    twin = tables.gantt_twin(found, drawn.names)
    return {
        "gantt_head": rendered(
            "release/gantt_head.html", title=gantt_title(story), it=found, drawn=drawn, path=path
        ),
        "gantt_legend": rendered("release/gantt_legend.html", drawn=drawn, causes=causes),
        "gantt_twin": rendered("twin.html", twin=twin),
        "ages_head": rendered(
            "release/ages_head.html", title=ages_title(story, drawn.gate), width=width, it=found
        ),
        "ages_legend": rendered("release/ages_legend.html", story=story),
        "ages_twin": rendered("twin.html", twin=tables.ages_twin(found.release.name, failures, width)),
    }


def _boot_rows(found: ReleasePage) -> tuple[Row, ...]:
    sockets = by_boot(found.sockets)
    return tuple(
        Row(
            id=f"boot-{boot.id}",
            revision=boot.mark,
            html=rendered("release/boot_row.html", **tables.boot_cells(boot, sockets.get(boot.id, []))),
        )
        for boot in found.boots[:MOST_LISTED_BOOTS]
    )


def _socket_rows(found: ReleasePage) -> tuple[Row, ...]:
    boots = {boot.id: boot for boot in found.boots}
    rows = []
    for socket in sorted(found.sockets, key=lambda socket: socket.expected)[:MOST_LISTED_SOCKETS]:
        boot = boots[socket.boot_id or 0]
        html = rendered("release/socket_row.html", it=socket, boot=boot, short=short(boot.ident))
        rows.append(Row(id=f"socket-{socket.id}", revision=boot.mark, html=html))
    return tuple(rows)
