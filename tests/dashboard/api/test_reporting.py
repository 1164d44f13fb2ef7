"""How the receiver is described: its own errors, and shapes that the document has room for."""

from pathlib import Path

from dashboard.api import reporting
from ingest.receive import PATH


def test_it_is_described_where_it_is() -> None:
    assert reporting.PATH == PATH


def test_a_shape_of_every_part_is_given() -> None:
    pieces, shapes = reporting.shapes()

    assert len(pieces) == 9
    assert {"Reporter", "Resource", "BootFacts", "Unknown", "Answer", "Rejection"} <= set(shapes)


def test_every_error_is_explained_where_the_format_is() -> None:
    page = (Path(__file__).parents[3] / "docs" / "wire.md").read_text()
    assert [status for status in reporting.ERRORS if f"\n| {status} |" not in page] == []
