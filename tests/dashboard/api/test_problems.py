"""Problem documents: every refusal has one, and it says no more than the reader may know."""

import json

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory
from ninja import NinjaAPI

from dashboard.api import problems


def answer_to(raised: Exception) -> tuple[int, dict[str, str], dict[str, object]]:
    """Return status, headers and document of an API whose only operation raises."""
    api = NinjaAPI(urls_namespace="raising")
    problems.install(api)
    response = api.on_exception(RequestFactory().get("/"), raised)
    return response.status_code, dict(response.headers), json.loads(response.content)


def test_a_database_that_is_away_is_worth_asking_again() -> None:
    status, headers, document = answer_to(OperationalError("connection to 10.0.0.7 refused for user x"))

    assert (status, headers["Retry-After"], headers["Content-Type"]) == (503, "5", "application/problem+json")
    assert document == {
        "type": "about:blank",
        "title": "Database away",
        "status": 503,
        "detail": "The database cannot be reached; try again.",
    }


def test_bad_parameters_are_listed_one_by_one() -> None:
    _, _, document = answer_to(problems.BadParameters([("limit", "is too much"), ("code", "is no code")]))

    assert document == {
        "type": "about:blank",
        "title": "Invalid parameters",
        "status": 422,
        "detail": "limit: is too much; code: is no code",
        "errors": [
            {"parameter": "limit", "detail": "is too much"},
            {"parameter": "code", "detail": "is no code"},
        ],
    }


def test_a_challenge_comes_with_the_answer_to_nobody() -> None:
    status, headers, _ = answer_to(problems.unauthenticated("Say who you are."))

    assert (status, headers["WWW-Authenticate"]) == (401, "Bearer")


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE"])
@pytest.mark.parametrize("path", ["/boots", "/boots/b", "/boots/b/events", "/sockets"])
def test_another_method_where_only_reading_is_possible_is_told_so(
    client: Client, path: str, method: str
) -> None:
    response = client.generic(method, f"/api/v1{path}", "{}", content_type="application/json")

    assert (response.status_code, response.headers["Allow"], response.headers["Content-Type"]) == (
        405,
        "GET",
        "application/problem+json",
    )
    assert response.json()["detail"] == f"This address takes GET, not {method}."
