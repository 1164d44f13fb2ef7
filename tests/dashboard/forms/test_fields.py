"""A line of text is one line."""

import pytest
from django.core.exceptions import ValidationError

from dashboard.forms.fields import NAME, TextLine
from ingest.models import NAME as COLUMN


def test_a_line_is_as_long_as_a_name_may_be() -> None:
    assert (NAME, TextLine().clean(" " + "x" * NAME)) == (COLUMN, "x" * NAME)


@pytest.mark.parametrize("text", ["a\nb", "a\rb", "a\0b", "a\x1bb", "a\x7fb", "x" * 201])
def test_what_is_no_line_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        TextLine().clean(text)
