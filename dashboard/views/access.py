"""Who may see a page: asked at every request, so that a role given or taken is in force at once."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dashboard.queries.people import admins
from ingest.domain.people import LEAST, Right, may
from ingest.store.people import role_of

View = Callable[..., HttpResponse]

signed_in = login_required  # For what everybody has, whatever their role: their own account.


def requires(right: Right) -> Callable[[View], View]:
    """Let those in whose role has the right; others sign in, or are told whom to ask."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            role = role_of(request.user)
            if not may(role, right):
                said = {"role": role, "right": right, "least": LEAST[right], "admins": admins()}
                return render(request, "refused.html", said, status=403)
            return view(request, *args, **kwargs)

        return login_required(guarded)

    return guard


def client_address(request: HttpRequest) -> str | None:
    """Return where a request comes from, for the throttling of sign-ins; None over a local socket.

    The server's own word alone: headers such as `X-Forwarded-For` are set by anybody. Which proxies are
    believed is decided before Django, where the connection is known.
    """
    address, _, _ = str(request.META.get("REMOTE_ADDR", "")).partition("%")  # the zone of an IPv6 link
    return address or None
