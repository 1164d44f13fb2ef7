"""Who may sign in."""

import pytest
from django.contrib.auth.models import User

from dashboard.queries.people import administrator_exists


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("superuser", "active", "known"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_only_somebody_who_can_sign_in_and_administer_counts(
    superuser: bool, active: bool, known: bool
) -> None:
    """With none of them, nobody could let anybody in."""
    User.objects.create(username="someone", is_superuser=superuser, is_active=active)
    assert administrator_exists() is known
