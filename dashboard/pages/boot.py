"""The boot page: one start, what it cost, and what happened to its sockets."""

from dataclasses import dataclass
from datetime import datetime

from dashboard.figures.lanes import Bar, Lane
from dashboard.figures.timeline import timeline
from dashboard.pages import boot_tables as tables
from dashboard.pages.boot_failures import failures_of, failures_title
from dashboard.pages.boot_words import (
    Story,
    blame_title,
    checks_title,
    exit_words,
    sockets_title,
    story_of,
    timeline_title,
    title_of,
)
from dashboard.pages.boots import age_now, gates, lane, median_bars, middle, nested_bars, phase_names
from dashboard.pages.page import Page, Row, rendered
from dashboard.queries.boot import MOST_EVENTS, BootPage, boot, boot_mark
from dashboard.templatetags.falsestart import short
from ingest import live


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawn:
    """What the figure rests on."""

    names: list[str]  # Top phases, in contract order.
    lane: Lane
    normal: tuple[Bar, ...]
    normal_gate: float | None  # Median of the release before, s.


@dataclass(frozen=True, kw_only=True, slots=True)
class BootSource:
    """The page of a boot."""

    ident: str
    template: str = "boot/page.html"

    @property
    def group(self) -> str:
        """The group that hears of its changes."""
        return live.boot_group(self.ident)

    def load(self, now: datetime) -> Page | None:
        """Read the page as of `now`."""
        found = boot(self.ident)
        return None if found is None else page_of(found, now)

    def mark(self) -> int:
        """Read the page's high mark alone."""
        return boot_mark(self.ident)


def page_of(found: BootPage, now: datetime) -> Page:
    """Make the page from its rows."""
    drawn = drawn_of(found, now)
    blame = tables.blame_of(found, drawn.names)
    story = story_of(found, blame, drawn.normal_gate)
    title = title_of(story)
    failures = failures_of(found)
    return Page(
        title=f"Boot {short(found.boot.ident)} · {found.boot.service}",
        summary=f"{title} {found.boot.state.replace('_', ', ')}",
        mark=found.boot.mark,
        at=now,
        regions={
            "crumb": rendered("boot/crumb.html", it=found.boot),
            "title": rendered("boot/title.html", title=title, it=found.boot),
            "facts": rendered("boot/facts.html", it=found.boot, story=story),
            "failures": rendered("boot/failures.html", title=failures_title(failures), rows=failures),
            **_timeline_regions(found, story, drawn),
            "blame": rendered("boot/blame.html", title=blame_title(story), rows=blame, story=story),
            "checks": rendered(
                "boot/checks.html", title=checks_title(found.checks), rows=tables.check_rows(found.checks)
            ),
            "sockets_head": rendered("boot/sockets_head.html", title=sockets_title(found), it=found),
            "tallies": rendered("boot/tallies.html", rows=found.tallies) if found.tallies else "",
            "resource": rendered("boot/resource.html", it=found, ended=exit_words(found.boot)),
            "events": rendered("boot/events.html", rows=tables.event_rows(found), it=found, most=MOST_EVENTS),
            "foot": rendered("boot/foot.html", it=found, story=story),
        },
        lists={"sockets": _socket_rows(found)},
        figures={"timeline": timeline(drawn.lane, len(drawn.names), drawn.normal)},
    )


def drawn_of(found: BootPage, now: datetime) -> Drawn:
    """Return what the figure rests on."""
    names = phase_names(found.contract.contract if found.contract else None, found.phases)
    bars = nested_bars(names, found.phases, age_now(found.boot, now))
    normal = found.normal
    return Drawn(
        names=names,
        lane=lane(found.boot, bars, [*found.failed, *found.others], now, href=False),
        normal=median_bars(names, normal.phases.values()) if normal else (),
        normal_gate=middle(gates(normal.boots)) if normal else None,
    )


def _timeline_regions(found: BootPage, story: Story, drawn: Drawn) -> dict[str, str]:
    causes = list(dict.fromkeys(socket.cause for socket in found.failed))
    waits = any(bar.kind == "wait" for bar in drawn.lane.bars)
    bad = any(bar.status in ("failed", "timeout") for bar in drawn.lane.bars)
    return {
        "timeline_head": rendered(
            "boot/timeline_head.html", title=timeline_title(story), it=found, drawn=drawn
        ),
        "timeline_legend": rendered(
            "boot/timeline_legend.html", it=found, drawn=drawn, causes=causes, waits=waits, bad=bad
        ),
        "timeline_twin": rendered("twin.html", twin=tables.timeline_twin(found)),
    }


def _socket_rows(found: BootPage) -> tuple[Row, ...]:
    return tuple(
        Row(
            id=f"socket-{socket.id}",
            revision=found.boot.mark,
            html=rendered("boot/socket_row.html", it=socket),
        )
        for socket in found.failed
    )
