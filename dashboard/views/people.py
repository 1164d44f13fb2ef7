"""People: seen, added and changed by admins. Nobody changes their own account but for its password."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.forms.people import PersonForm, RoleForm
from dashboard.pages import people as words
from dashboard.queries import people as rows
from dashboard.views.access import requires
from dashboard.views.sections import CONFLICT, FORM, INVALID, settings_page
from ingest.domain.people import Right, Role
from ingest.store import people as store
from ingest.store.sessions import sent_before

RESET_BEFORE = (
    "This form was sent before, and nothing was done again. A link is shown once: reset for another."
)


@require_safe
@never_cache
@requires(Right.MANAGE_PEOPLE)
def person_list(request: HttpRequest) -> HttpResponse:
    """List everybody, and what is locked."""
    people, locks = rows.everybody(), rows.locks(timezone.now())
    shown = [words.shown(one, locks) for one in people]
    title = words.title_of(people, locks)
    return settings_page(request, "people", "people", title=title, people=shown, locks=locks)


@require_http_methods(FORM)
@never_cache
@requires(Right.MANAGE_PEOPLE)
def person_new(request: HttpRequest) -> HttpResponse:
    """Ask who, and as what; answer with a link by which they set their password, this once."""
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        username, role = form.cleaned_data["username"], Role(form.cleaned_data["role"])
        try:
            pk = store.add(username, role, by=_who(request), now=timezone.now())
        except store.NotAllowed as refusal:
            form.add_error("username", str(refusal))
        else:
            return _link(request, pk)
    status = INVALID if request.method == "POST" else 200
    return settings_page(request, "person_new", "people", status=status, form=form)


@require_http_methods(FORM)
@never_cache
@requires(Right.MANAGE_PEOPLE)
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Show somebody's account; a role posted to it replaces theirs."""
    one = _person(pk)
    if request.method != "POST":
        return _shown(request, one)
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _shown(request, one, form=form, status=INVALID)
    role = Role(form.cleaned_data["role"])
    said = f"{one.username} is now {words.with_article(role)}. That is in force at once."
    return _done(request, one, store_role(role), said)


@require_http_methods(FORM)
@never_cache
@requires(Right.MANAGE_PEOPLE)
def person_deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then sign somebody out everywhere and let them sign in no more."""
    one = _person(pk)
    if request.method != "POST":
        return settings_page(request, "person_deactivate", "people", person=one)
    return _done(request, one, store.deactivate, f"{one.username} is deactivated and signed out everywhere.")


@require_POST
@never_cache
@requires(Right.MANAGE_PEOPLE)
def person_reactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody sign in again."""
    one = _person(pk)
    return _done(request, one, store.reactivate, f"{one.username} can sign in again.")


@require_http_methods(FORM)
@never_cache
@requires(Right.MANAGE_PEOPLE)
def person_reset(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then take a password away; answer with a link by which another is set, this once."""
    one = _person(pk)
    if request.method != "POST":
        return settings_page(request, "person_reset", "people", person=one)
    try:
        with transaction.atomic():
            if sent_before(request.session, request.POST.get("csrfmiddlewaretoken", "")):
                messages.info(request, RESET_BEFORE)
                return redirect("person", pk=pk)
            store.reset_password(pk, by=_who(request), now=timezone.now())
    except store.NotAllowed as refusal:
        return _shown(request, one, problem=str(refusal), status=CONFLICT)
    return _link(request, pk)


@require_POST
@never_cache
@requires(Right.MANAGE_PEOPLE)
def unlock(request: HttpRequest) -> HttpResponse:
    """Lift a lock, named by the user name and the address that it is about."""
    username, address = request.POST.get("username", ""), request.POST.get("address", "")
    known = any((lock.username, lock.address) == (username, address) for lock in rows.locks(timezone.now()))
    lifted = known and store.unlock(username, address, by=_who(request), now=timezone.now())
    said = (
        f"{username} can be signed in with from {address} again." if lifted else "This lock is gone already."
    )
    messages.info(request, said)
    return redirect("people")


def store_role(role: Role) -> Callable[..., None]:
    """Return the act of giving somebody a role."""
    return lambda pk, **said: store.set_role(pk, role, **said)


def _person(pk: int) -> rows.Person:
    found = rows.person(pk)
    if found is None:
        raise Http404
    return found


def _who(request: HttpRequest) -> str:
    return request.user.get_username()


def _done(request: HttpRequest, one: rows.Person, act: Callable[..., None], said: str) -> HttpResponse:
    """Do something to an account, then say so on its page; or say there why not."""
    try:
        act(one.id, by=_who(request), now=timezone.now())
    except store.NotAllowed as refusal:
        return _shown(request, one, problem=str(refusal), status=CONFLICT)
    messages.info(request, said)
    return redirect("person", pk=one.id)


def _shown(
    request: HttpRequest,
    one: rows.Person,
    *,
    form: RoleForm | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    locks = [lock for lock in rows.locks(timezone.now()) if lock.username == one.username]
    return settings_page(
        request,
        "person",
        "people",
        status=status,
        person=one,
        title=words.title_of_one(one),
        it=words.shown(one, locks),
        form=form or RoleForm(initial={"role": one.role}),
        problem=problem,
        own=one.username == _who(request),
        locks=locks,
    )


def _link(request: HttpRequest, pk: int) -> HttpResponse:
    link = request.build_absolute_uri(reverse("set-password", args=rows.password_link(pk)))
    days = settings.PASSWORD_RESET_TIMEOUT // 86_400
    return settings_page(request, "person_link", "people", person=_person(pk), link=link, days=days)
