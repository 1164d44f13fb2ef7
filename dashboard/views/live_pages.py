"""The pages that stay live: each is complete at its first paint."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard.pages.page import Source
from dashboard.pages.sources import source_of
from dashboard.views.access import requires
from ingest.domain.people import Right


@require_safe
@requires(Right.READ)
def live_page(request: HttpRequest, **_names: str) -> HttpResponse:
    """Answer with the page of the request's path; 404 where nothing has that name."""
    return answer(request, source_of(request.get_full_path()))


def answer(request: HttpRequest, source: Source | None) -> HttpResponse:
    """Render a page as it stands now."""
    page = source.load(timezone.now()) if source else None
    if source is None or page is None:
        raise Http404
    return render(request, source.template, {"page": page, "source": source})
