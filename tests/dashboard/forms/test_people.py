"""Who can be added, and as what."""

import pytest

from dashboard.forms.people import HELP, ROLES, PersonForm
from ingest.domain.people import Role


def test_every_role_is_offered_with_a_sentence() -> None:
    assert [role for role, _ in ROLES] == list(Role)


@pytest.mark.parametrize(
    ("typed", "name"),
    [("grace", "grace"), (" grace ", "grace"), ("g.h+x@y-z_1", "g.h+x@y-z_1"), ("ｇrace", "grace")],
)
def test_a_name_is_stored_in_one_form(typed: str, name: str) -> None:
    form = PersonForm({"username": typed, "role": "viewer"})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["username"] == name


def test_the_hint_says_what_the_validators_want() -> None:
    from django.contrib.auth.password_validation import MinimumLengthValidator  # noqa: PLC0415

    assert f"At least {MinimumLengthValidator().min_length} characters" in HELP
