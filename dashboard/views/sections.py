"""The sections of Settings, who sees which, and the page that leads to them."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dashboard.pages import keys as key_words
from dashboard.pages import people as people_words
from dashboard.pages.contracts import listing_title
from dashboard.queries import audit, contracts, people
from dashboard.queries import keys as key_rows
from dashboard.views.access import signed_in
from ingest.domain.people import Right, Role, may
from ingest.store.people import role_of

FORM = ("GET", "HEAD", "POST")  # methods of a page with a form
INVALID = 422  # status of a form that has to be filled in again
CONFLICT = 409  # status of an act that the state of things does not allow


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A part of Settings."""

    name: str  # Of its URL, too.
    title: str
    icon: str
    right: Right | None  # What it takes to see it; None: to be signed in.
    about: str


SECTIONS = (
    Section(
        name="contracts",
        title="Contracts",
        icon="file-certificate",
        right=Right.READ,
        about="What each service promises about its start, and what people set beside it.",
    ),
    Section(
        name="keys",
        title="Keys",
        icon="key",
        right=Right.MANAGE_KEYS,
        about="What may report and read without a person: services, pages, programs.",
    ),
    Section(
        name="people",
        title="People",
        icon="users",
        right=Right.MANAGE_PEOPLE,
        about="Who may sign in, and as what.",
    ),
    Section(
        name="audit",
        title="Audit trail",
        icon="clipboard-list",
        right=Right.READ_AUDIT,
        about="Who changed keys, people and contracts, and when.",
    ),
    Section(name="account", title="Your account", icon="user-circle", right=None, about="Your password."),
)


def visible(role: Role | None) -> list[Section]:
    """Return the sections that somebody of a role may see."""
    return [section for section in SECTIONS if section.right is None or may(role, section.right)]


def settings_page(
    request: HttpRequest, template: str, section: str, *, status: int = 200, **context: object
) -> HttpResponse:
    """Render a page of a section."""
    role = role_of(request.user)
    known: Mapping[str, object] = {"section": section, "sections": visible(role), "role": role}
    return render(request, f"settings/{template}.html", {**known, **context}, status=status)


@require_safe
@never_cache
@signed_in
def landing(request: HttpRequest) -> HttpResponse:
    """Say who is signed in, and how each section stands."""
    shown = visible(role_of(request.user))
    stands = [(section, _standing(section.name)) for section in shown]
    return settings_page(request, "landing", "", stands=stands)


def _standing(name: str) -> str:
    """Return in a few words how a section stands."""
    now = timezone.now()
    match name:
        case "contracts":
            return listing_title(contracts.places())
        case "keys":
            return key_words.title_of([key_words.shown(key, now) for key in key_rows.keys(now)])
        case "people":
            return people_words.title_of(people.everybody(), people.locks(now))
        case "audit":
            return people_words.acts_title(audit.count())
    return ""
