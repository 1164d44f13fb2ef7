"""Every URL of the product for every role and for none: a URL without a row here fails the first test."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from ingest.domain.people import Role
from ingest.models import Key
from ingest.store import keys
from tests.dashboard import builder
from tests.people import PASSWORD, person, signed_in

pytestmark = pytest.mark.django_db

# In the order of the columns below; `None` is an account without a role.
WHO: dict[str, Role | None] = {
    "none": None,
    "viewer": Role.VIEWER,
    "responder": Role.RESPONDER,
    "admin": Role.ADMIN,
}
Column = tuple[
    int | str, ...
]  # A status for: nobody, no role, viewer, responder, admin. `sign-in`: sent there.

OPEN: Column = (200,) * 5
NEVER: Column = (405,) * 5
NOWHERE: Column = (404,) * 5
READ: Column = ("sign-in", 403, 200, 200, 200)
ADMIN: Column = ("sign-in", 403, 403, 403, 200)
OWN: Column = ("sign-in", 200, 200, 200, 200)
API: Column = (401, 403, 200, 200, 200)


def set_by(role: Role, status: int) -> Column:
    """Who may do something from a role on, and what the answer to a form of theirs is."""
    first = 1 + list(WHO.values()).index(role)
    return ("sign-in", *(403,) * (first - 1), *(status,) * (5 - first))


@dataclass(frozen=True, kw_only=True)
class Url:
    """An address that matches the route, and who is answered what there."""

    path: str
    get: Column
    post: Column = NEVER


PLACE = "/settings/contracts/chat-backend/staging/"
URLS = {
    "": Url(path="/", get=READ),
    "services/<name:service>/<name:environment>/releases/<name:release>/": Url(
        path="/services/chat-backend/staging/releases/r2/", get=READ
    ),
    "boots/<name:ident>/": Url(path="/boots/b/", get=READ),
    "jump/": Url(path="/jump/", get=READ),
    "sign-in/": Url(path="/sign-in/", get=(200, 302, 302, 302, 302), post=(200, 302, 302, 302, 302)),
    "sign-out/": Url(path="/sign-out/", get=NEVER, post=("sign-in",) * 5),
    "set-password/<uidb64>/<token>/": Url(path="/set-password/MQ/a-bad-one/", get=OPEN, post=OPEN),
    "settings/": Url(path="/settings/", get=OWN),
    "settings/contracts/": Url(path="/settings/contracts/", get=READ),
    "settings/contracts/<name:service>/<name:environment>/": Url(path=PLACE, get=READ),
    "settings/contracts/<name:service>/<name:environment>/edit/": Url(
        path=f"{PLACE}edit/", get=set_by(Role.RESPONDER, 200), post=set_by(Role.RESPONDER, 422)
    ),
    "settings/keys/": Url(path="/settings/keys/", get=ADMIN),
    "settings/keys/new/": Url(path="/settings/keys/new/", get=ADMIN, post=set_by(Role.ADMIN, 422)),
    "settings/keys/<int:pk>/revoke/": Url(
        path="/settings/keys/{key}/revoke/", get=ADMIN, post=set_by(Role.ADMIN, 302)
    ),
    "settings/people/": Url(path="/settings/people/", get=ADMIN),
    "settings/people/new/": Url(path="/settings/people/new/", get=ADMIN, post=set_by(Role.ADMIN, 422)),
    "settings/people/unlock/": Url(path="/settings/people/unlock/", get=NEVER, post=set_by(Role.ADMIN, 302)),
    "settings/people/<int:pk>/": Url(
        path="/settings/people/{person}/", get=ADMIN, post=set_by(Role.ADMIN, 422)
    ),
    "settings/people/<int:pk>/deactivate/": Url(
        path="/settings/people/{person}/deactivate/", get=ADMIN, post=set_by(Role.ADMIN, 302)
    ),
    "settings/people/<int:pk>/reactivate/": Url(
        path="/settings/people/{person}/reactivate/", get=NEVER, post=set_by(Role.ADMIN, 302)
    ),
    "settings/people/<int:pk>/reset/": Url(
        path="/settings/people/{person}/reset/", get=ADMIN, post=set_by(Role.ADMIN, 200)
    ),
    "settings/audit/": Url(path="/settings/audit/", get=ADMIN),
    "settings/account/": Url(path="/settings/account/", get=OWN, post=("sign-in", 422, 422, 422, 422)),
    "api/": Url(path="/api/", get=NOWHERE, post=NOWHERE),
    "api/<path:rest>": Url(path="/api/v2/nothing", get=NOWHERE),
    "api/openapi.json": Url(path="/api/openapi.json", get=OPEN, post=OPEN),
    "api/docs": Url(path="/api/docs", get=OPEN, post=OPEN),
    "api/v1/boots": Url(path="/api/v1/boots", get=API),
    "api/v1/boots/<id>": Url(path="/api/v1/boots/b", get=API),
    "api/v1/boots/<id>/events": Url(path="/api/v1/boots/b/events", get=API),
    "api/v1/sockets": Url(path="/api/v1/sockets", get=API),
    # Told by programs with their key: `test_every_operation.py` holds by which.
    "api/v1/deployments": Url(path="/api/v1/deployments", get=API, post=(401,) * 5),
    "healthz": Url(path="/healthz", get=OPEN, post=OPEN),
    "readyz": Url(path="/readyz", get=OPEN, post=OPEN),
}


def routes(patterns: Any = None, before: str = "") -> Iterator[str]:
    """Walk every pattern that the project resolves."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route


@pytest.fixture
def paths(redis_url: str) -> dict[str, str]:  # noqa: ARG001 - `/readyz` looks for it
    """The addresses, of things that exist."""
    builder.boot("r2", ident="b")
    keys.create("write")
    person("another-admin", Role.ADMIN, password=PASSWORD)
    known = {"key": Key.objects.get().pk, "person": person("somebody").pk}
    return {route: url.path.format(**known) for route, url in URLS.items()}


def browser(who: str, **options: Any) -> Client:
    """A browser of nobody, or of somebody of that role."""
    client = Client(**options)
    if who != "nobody":
        user = User.objects.filter(username=who).first() or person(who, WHO[who])
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def answered(response: Any) -> int | str:
    """The status, or that one is sent to sign in."""
    sent = response.get("Location", "")
    return "sign-in" if sent.startswith("/sign-in/") and "login" not in sent else int(response.status_code)


def test_every_url_has_its_row() -> None:
    assert set(routes()) == set(URLS)


@pytest.mark.parametrize("route", URLS)
def test_a_url_answers_each_role_as_it_should(route: str, paths: dict[str, str]) -> None:
    everybody = [browser(who) for who in ("nobody", *WHO)]
    got = tuple(answered(client.get(paths[route])) for client in everybody)
    posted = tuple(answered(client.post(paths[route])) for client in everybody)
    assert (got, posted) == (URLS[route].get, URLS[route].post)


WRITING = [
    route
    for route, url in URLS.items()
    if "sign-in" in url.post or route in ("sign-in/", "set-password/<uidb64>/<token>/")
]


@pytest.mark.parametrize("route", WRITING)
def test_nothing_is_written_for_another_site(route: str, paths: dict[str, str]) -> None:
    response = browser("admin", enforce_csrf_checks=True).post(paths[route])
    assert (response.status_code, b"The form was too old" in response.content) == (403, True)


@pytest.mark.parametrize("who", ["none", "viewer"])
def test_who_may_not_is_told_whom_to_ask(who: str, paths: dict[str, str]) -> None:
    page = browser(who).get(paths["settings/keys/"]).content.decode()
    assert ("another-admin" in page, "Sign out" in page) == (True, True)


@pytest.mark.parametrize("route", [route for route in URLS if route.startswith(("settings", "set-"))])
def test_no_page_about_access_is_kept_by_anybody(route: str, paths: dict[str, str]) -> None:
    client = signed_in("another-admin")
    response = client.get(paths[route])
    if response.status_code == 405:
        response = client.post(paths[route])
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    [
        "/settings/keys/0/revoke/",
        f"/settings/keys/{2**63}/revoke/",
        f"/settings/people/{10**40}/",
        "/settings/people/0/reset/",
        "/settings/contracts/no/where/",
        "/settings/contracts/no/where/edit/",
        "/settings/nowhere/",
        "/admin/",
    ],
)
def test_what_does_not_exist_is_said_so(path: str) -> None:
    client = browser("admin")
    assert (client.get(path).status_code, client.post(path).status_code) in ((404, 404), (404, 405))


def test_a_role_taken_away_is_gone_at_the_next_request() -> None:
    client = browser("admin")
    before = client.get("/settings/keys/").status_code
    User.objects.filter(username="admin").update(is_superuser=False)
    assert (before, client.get("/settings/keys/").status_code, client.get("/").status_code) == (200, 403, 403)
