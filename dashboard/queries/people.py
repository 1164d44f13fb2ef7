"""Who may sign in."""

from django.contrib.auth import get_user_model


def administrator_exists() -> bool:
    """Whether anybody may administer the product."""
    return get_user_model().objects.filter(is_superuser=True, is_active=True).exists()
