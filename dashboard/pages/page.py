"""A page as data: the same pieces make its first paint and every frame that keeps it live."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from dashboard.figures.frame import Figure


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row of a list on the page."""

    id: str
    revision: int  # A row is replaced only by one that is not older.
    html: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """Everything on a page that can change."""

    title: str
    summary: str  # What a screen reader hears when it changes.
    mark: int
    at: datetime  # As of when.
    regions: Mapping[str, str]  # HTML by name.
    lists: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    figures: Mapping[str, Figure] = field(default_factory=dict)


class Source(Protocol):
    """Where a page comes from: it can be read again at any time."""

    @property
    def template(self) -> str:
        """The template of the whole page."""

    @property
    def group(self) -> str:
        """The group that hears of its changes."""

    def load(self, now: datetime) -> Page | None:
        """Read the page as of `now`; None where there is nothing of that name."""

    def mark(self) -> int:
        """Read the page's high mark alone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One cell of a table twin."""

    text: str
    value: str = ""  # As CSV has it, where it differs from the text.
    numeric: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Twin:
    """A figure's rows as a table."""

    name: str  # Of the file it is downloaded as.
    heads: Sequence[str]
    units: Sequence[str]  # The heads as CSV has them, with unit and mark.
    rows: Sequence[Sequence[Cell]]


def rendered(template: str, **context: object) -> SafeString:
    """Render one piece of a page."""
    return mark_safe(render_to_string(template, context).strip())  # noqa: S308 - rendered with escaping


def number(value: float | None, text: str) -> Cell:
    """Return a numeric cell."""
    return Cell(text=text, value="" if value is None else f"{value:.6g}", numeric=True)
