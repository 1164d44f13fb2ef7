"""Keys in Django's admin: seen, dated and revoked there; made by `manage.py create_key`."""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from ingest.models import Key

# Django's own class takes no parameter at run time; its type stubs do.
if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Key]
else:
    ModelAdmin = admin.ModelAdmin


@admin.register(Key)
class KeyAdmin(ModelAdmin):
    """A key's limits cannot be widened later, and its secret cannot be seen again."""

    list_display = (
        "prefix",
        "scope",
        "service",
        "environment",
        "label",
        "expires_at",
        "revoked_at",
        "last_used_at",
    )
    list_filter = ("scope", "revoked_at")
    search_fields = ("prefix", "label", "service")
    fields = (
        "prefix",
        "scope",
        "service",
        "environment",
        "origins",
        "label",
        "expires_at",
        "revoked_at",
        "last_used_at",
    )
    readonly_fields = ("prefix", "scope", "service", "environment", "origins", "revoked_at", "last_used_at")
    actions = ("revoke",)

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """A secret is printed where it is made, never on a page that stays in a history."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Key | None = None) -> bool:
        """A key that was used is evidence; it is revoked, not deleted."""
        return False

    @admin.action(description="Revoke the selected keys")
    def revoke(self, _request: HttpRequest, keys: QuerySet[Key]) -> None:
        """End these keys now; the receiver forgets them within 2 s."""
        keys.filter(revoked_at=None).update(revoked_at=timezone.now())
