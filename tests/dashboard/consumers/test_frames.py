"""What the browser is sent."""

import json
from datetime import timedelta
from typing import Any

from django.utils.safestring import mark_safe

from dashboard.consumers import frames
from dashboard.pages.page import Page, Row
from tests.dashboard.builder import NOW


def page(mark: int = 1, **fields: Any) -> Page:
    own: dict[str, Any] = {
        "regions": {"title": "<h1>1</h1>", "foot": "same"},
        "lists": {"boots": (Row(id="boot-1", revision=1, html="<tr>"),)},
        "figures": {"gantt": {"data": []}},
        **fields,
    }
    return Page(title="Fleet", summary="calm", mark=mark, at=NOW + timedelta(seconds=mark), **own)


def test_a_snapshot_holds_everything() -> None:
    frame = frames.snapshot(page())
    assert (frame["type"], sorted(frame["regions"]), frame["lists"], list(frame["figures"])) == (
        "snapshot",
        ["foot", "title"],
        {"boots": ["boot-1"]},
        ["gantt"],
    )


def test_a_delta_holds_only_what_differs() -> None:
    new = page(2, regions={"title": "<h1>2</h1>", "foot": "same"})
    frame = frames.delta(page(), new) or {}
    assert (frame["regions"], frame["lists"], frame["rows"], frame["figures"]) == (
        {"title": "<h1>2</h1>"},
        {},
        [],
        {},
    )


def test_nothing_is_sent_where_nothing_differs() -> None:
    assert frames.delta(page(), page()) is None


def test_a_mark_alone_is_worth_a_frame() -> None:
    assert (frames.delta(page(), page(2)) or {})["mark"] == 2


def test_a_new_row_comes_whole_with_its_place_and_its_revision() -> None:
    rows = (Row(id="boot-2", revision=2, html="<tr>2"), Row(id="boot-1", revision=1, html="<tr>"))
    frame = frames.delta(page(), page(2, lists={"boots": rows})) or {}
    assert (frame["lists"], frame["rows"]) == (
        {"boots": ["boot-2", "boot-1"]},
        [{"id": "boot-2", "revision": 2, "html": "<tr>2"}],
    )


def test_a_row_that_left_is_missing_from_its_list() -> None:
    assert (frames.delta(page(), page(2, lists={"boots": ()})) or {})["lists"] == {"boots": []}


def test_rendered_pieces_are_encoded_as_text() -> None:
    frame = frames.snapshot(page(regions={"title": mark_safe("<b>")}))
    assert json.loads(frames.encoded(frame))["regions"] == {"title": "<b>"}
