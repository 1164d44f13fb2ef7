"""The search box: from a few letters to a service, release or boot."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from dashboard.queries.names import Found, find
from dashboard.views.access import requires
from ingest.domain.people import Right

LONGEST = 200  # characters of a name


@require_safe
@requires(Right.READ)
def jump(request: HttpRequest) -> HttpResponse:
    """Go to the only thing that the word may mean, else list them."""
    word = request.GET.get("q", "").strip()[:LONGEST].replace("\0", "")
    found = find(word)
    targets = addresses(found)
    if len(targets) == 1:
        return redirect(targets[0])
    return render(request, "jump.html", {"word": word, "found": found, "number": len(targets)})


def addresses(found: Found) -> list[str]:
    """Return where everything found lies, without repeating."""
    rows = [*found.services, *found.releases]
    releases = [reverse("release", args=[row.service, row.environment, row.name]) for row in rows]
    return list(dict.fromkeys([*releases, *(reverse("boot", args=[row.ident]) for row in found.boots)]))
