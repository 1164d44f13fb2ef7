"""The audit trail, a page at a time."""

import re

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dashboard.pages import people as words
from dashboard.queries import audit as rows
from dashboard.views.access import requires
from dashboard.views.sections import settings_page
from ingest.domain.people import Right


@require_safe
@never_cache
@requires(Right.READ_AUDIT)
def audit(request: HttpRequest) -> HttpResponse:
    """List who did what, newest first; what is no id of an entry begins at the newest."""
    asked = request.GET.get("before", "")
    before = int(asked) if re.fullmatch("[0-9]{1,18}", asked) else None
    found, following = rows.entries(before)
    shown = [(entry, words.changes(entry)) for entry in found]
    title = words.acts_title(rows.count())
    return settings_page(request, "audit", "audit", title=title, entries=shown, following=following)
