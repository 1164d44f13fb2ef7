"""A page as data."""

from django.utils.safestring import SafeString

from dashboard.pages.page import Cell, Twin, number, rendered


def test_a_piece_is_rendered_with_escaping_and_may_be_put_into_a_page() -> None:
    twin = Twin(name="x", heads=["<i>"], units=["a_s"], rows=[[Cell(text="<b>")]])
    html = rendered("twin.html", twin=twin)
    assert (isinstance(html, SafeString), "<b>" in html, "<i>" in html) == (True, False, False)


def test_a_numeric_cell_keeps_its_value_for_csv() -> None:
    assert number(4.5612345, "4.56 s") == Cell(text="4.56 s", value="4.56123", numeric=True)


def test_an_unknown_number_is_an_empty_value() -> None:
    assert number(None, "—").value == ""
