"""What the browser is sent: a page as it stands, or what has changed since. Pure."""

from collections.abc import Mapping
from typing import Any

import msgspec

from dashboard.pages.page import Page

Frame = dict[str, Any]


def snapshot(page: Page) -> Frame:
    """Return the whole page as one frame."""
    return {
        **_head("snapshot", page),
        "regions": dict(page.regions),
        "lists": {name: [row.id for row in rows] for name, rows in page.lists.items()},
        "rows": [_row(row.id, row.revision, row.html) for rows in page.lists.values() for row in rows],
        "figures": dict(page.figures),
    }


def delta(old: Page, new: Page) -> Frame | None:
    """Return what differs between two readings of a page, or None where nothing does.

    Rows come whole and with their revision, so that applying a frame twice, or late, changes nothing.
    """
    known = {row.id: row for rows in old.lists.values() for row in rows}
    rows = [row for rows in new.lists.values() for row in rows if known.get(row.id) != row]
    frame: Frame = {
        "regions": _changed(old.regions, new.regions),
        "lists": {
            name: [row.id for row in rows]
            for name, rows in new.lists.items()
            if [row.id for row in rows] != [row.id for row in old.lists.get(name, ())]
        },
        "rows": [_row(row.id, row.revision, row.html) for row in rows],
        "figures": _changed(old.figures, new.figures),
    }
    return {**_head("delta", new), **frame} if any(frame.values()) or new.mark != old.mark else None


def mark(number: int, at: str) -> Frame:
    """Return the page's high mark, as the database has it."""
    return {"type": "mark", "mark": number, "at": at}


def encoded(frame: Frame) -> str:
    """Return a frame as it is sent."""
    return msgspec.json.encode(frame, enc_hook=_unmarked).decode()


def _unmarked(value: object) -> str:
    # Rendered pieces are marked as safe, a subclass that the encoder does not know; a slice is plain text.
    if isinstance(value, str):
        return value[:]
    msg = f"{type(value).__name__} has no place in a frame"
    raise TypeError(msg)


def _head(kind: str, page: Page) -> Frame:
    own = {"mark": page.mark, "at": page.at.isoformat(), "title": page.title, "summary": page.summary}
    return {"type": kind, **own}


def _row(ident: str, revision: int, html: str) -> Frame:
    return {"id": ident, "revision": revision, "html": html}


def _changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in new.items() if name not in old or old[name] != value}
