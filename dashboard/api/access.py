"""Who may read: somebody with a role, or the holder of a `read` key. Who may write: that of a `write` key."""

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja.security.base import AuthBase

from dashboard.api.problems import Problem, unauthenticated
from dashboard.edge.requests import note
from dashboard.queries.scope import Scope
from ingest import auth
from ingest.domain.people import Right, may
from ingest.store import keys
from ingest.store.people import role_of

READ, WRITE = "read", "write"  # scopes of keys


class ReadKey(AuthBase):
    """An API key in the `Authorization` header."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __call__(self, request: HttpRequest) -> Scope | None:
        """Return what the key may see; None leaves the decision to the session.

        A key that is sent decides alone: one that was revoked must not seem to work in a browser.
        """
        if "Authorization" not in request.headers:
            return None
        grant = _grant(request)
        if grant.scope != READ:
            raise Problem(
                403, "Forbidden", f"This is a {grant.scope} key; reading takes one of scope `read`."
            )
        return Scope(service=grant.service, environment=grant.environment)


class WriteKey(AuthBase):
    """An API key that may write; a session may not."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __call__(self, request: HttpRequest) -> auth.Grant:
        """Return what the key allows."""
        grant = _grant(request)
        if grant.scope != WRITE:
            raise Problem(403, "Forbidden", "This takes a key of scope `write`.")
        return grant


class Session(AuthBase):
    """A person who signed in, with the session's cookie."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> Scope | None:
        """Return that a person may see everything; None for somebody who is not signed in."""
        if not request.user.is_authenticated:
            return None
        if not may(role_of(request.user), Right.READ):
            raise Problem(403, "Forbidden", "Your account has no role; an admin can give it one.")
        return Scope()


def _grant(request: HttpRequest) -> auth.Grant:
    header = request.headers.get("Authorization")
    if header is None:
        raise unauthenticated("Send `Authorization: Bearer <key>`.")
    secret = auth.bearer(header)
    grant = None if secret is None else keys.find(secret, timezone.now())
    if grant is None:
        detail = "The key is unknown, expired or revoked."
        raise unauthenticated(detail, 'Bearer error="invalid_token"')
    note(request, key_id=grant.key_id)
    return grant
