"""Until when a key works."""

from datetime import UTC, datetime, timedelta

import pytest

from dashboard.forms.keys import KeyForm
from ingest.models import Key

NOW = datetime(2026, 9, 16, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expires", "until", "end"),
    [
        ("30", "", NOW + timedelta(days=30)),
        ("365", "", NOW + timedelta(days=365)),
        ("never", "", None),
        ("on", "2031-02-28", datetime(2031, 3, 1, tzinfo=UTC)),
    ],
)
def test_a_key_ends_when_it_was_asked_to(expires: str, until: str, end: datetime | None) -> None:
    form = KeyForm({"label": "ci", "scope": "write", "expires": expires, "until": until})
    assert form.is_valid(), form.errors
    assert form.expires_at(NOW) == end


def test_every_scope_that_a_key_can_have_is_offered() -> None:
    assert sorted(value for value, _ in KeyForm.base_fields["scope"].choices) == sorted(Key.Scope.values)  # type: ignore[attr-defined]
