"""Errors as RFC 9457 problem documents: what was wrong, where, and nothing that only we understand."""

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any

import msgspec
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError

from ingest.wire.batch import Refused

MEDIA_TYPE = "application/problem+json"
View = Callable[..., HttpResponseBase]

RETRY_AFTER = 5  # seconds until a database that is away is worth asking again


class Problem(Exception):  # noqa: N818 - it is an answer, not an accident
    """A request that is answered with a problem document."""

    def __init__(
        self, status: int, title: str, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        """Take the HTTP status, what kind of problem it is, a sentence on this one, and headers."""
        super().__init__(detail)
        self.status = status
        self.title = title
        self.detail = detail
        self.headers = headers or {}
        self.errors: list[dict[str, str]] = []


class BadParameters(Problem):
    """A request whose query cannot be understood."""

    def __init__(self, errors: Iterable[tuple[str, str]]) -> None:
        """Take pairs of a parameter's name and a sentence."""
        listed = [{"parameter": name, "detail": detail} for name, detail in errors]
        summary = "; ".join(f"{error['parameter']}: {error['detail']}" for error in listed)
        super().__init__(422, "Invalid parameters", summary)
        self.errors = listed


def refused(refused: Refused) -> Problem:
    """Return the answer for a body that the wire format refuses."""
    problem = Problem(refused.status, refused.title, refused.detail, dict(refused.headers))
    problem.errors = [{"pointer": pointer, "detail": detail} for pointer, detail in refused.errors]
    return problem


def no_boot() -> Problem:
    """Return the answer for a boot that does not exist, or that the reader may not know of."""
    return Problem(404, "Unknown boot", "There is no boot of this id that you may read.")


def not_allowed(method: str, allowed: str) -> Problem:
    """Return the answer for a method that an address does not take."""
    detail = f"This address takes {allowed}, not {method}."
    return Problem(405, "Method not allowed", detail, {"Allow": allowed})


def unauthenticated(detail: str, challenge: str = "Bearer") -> Problem:
    """Return the answer for somebody who has not said, or not proven, who they are."""
    return Problem(401, "Unauthorized", detail, {"WWW-Authenticate": challenge})


def answer(problem: Problem) -> HttpResponse:
    """Return the response that tells of a problem."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
    }
    if problem.errors:
        document["errors"] = problem.errors
    body = msgspec.json.encode(document)
    return HttpResponse(body, status=problem.status, content_type=MEDIA_TYPE, headers=problem.headers)


def explained(view: View) -> View:
    """Return a view that says in a problem document, too, which methods it takes."""

    @wraps(view)
    def explaining(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        response = view(request, *args, **named)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        return answer(not_allowed(str(request.method), ", ".join(sorted(response["Allow"].split(", ")))))

    return explaining


def install(api: NinjaAPI) -> None:
    """Make an API answer every refusal with a problem document."""
    for raised, handler in _HANDLERS.items():
        api.add_exception_handler(raised, handler)


def _problem(_: HttpRequest, problem: Problem) -> HttpResponse:
    return answer(problem)


def _invalid(_: HttpRequest, error: ValidationError) -> HttpResponse:
    return answer(BadParameters((str(found["loc"][-1]), _sentence(found)) for found in error.errors))


def _unauthenticated(_: HttpRequest, __: Exception) -> HttpResponse:
    return answer(unauthenticated("Send `Authorization: Bearer <key>` with a read key, or sign in."))


def _not_found(_: HttpRequest, __: Exception) -> HttpResponse:
    return answer(Problem(404, "Not found", "There is nothing at this address."))


def _away(_: HttpRequest, __: Exception) -> HttpResponse:
    detail = "The database cannot be reached; try again."
    return answer(Problem(503, "Database away", detail, {"Retry-After": str(RETRY_AFTER)}))


def _sentence(found: Mapping[str, Any]) -> str:
    return str(found["msg"]).removeprefix("Value error, ")


_HANDLERS: dict[type[Exception], Any] = {
    Problem: _problem,
    ValidationError: _invalid,
    AuthenticationError: _unauthenticated,
    Http404: _not_found,
    OperationalError: _away,
}
