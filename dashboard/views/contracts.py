"""Contracts: what is in force and why, its history, and a form by which people state their word."""

from dataclasses import replace

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from dashboard.forms import contracts as forms
from dashboard.pages import contracts as words
from dashboard.queries import contracts as rows
from dashboard.views.access import requires
from dashboard.views.sections import CONFLICT, FORM, INVALID, settings_page
from ingest.domain.contract import Declared, effective
from ingest.domain.people import Right, may
from ingest.store import contracts as store
from ingest.store.people import role_of


@require_safe
@never_cache
@requires(Right.READ)
def contract_list(request: HttpRequest) -> HttpResponse:
    """List the services with what their contracts are made of."""
    places = [(terms, words.in_force(terms)) for terms in rows.places()]
    title = words.listing_title([terms for terms, _ in places])
    return settings_page(request, "contracts", "contracts", title=title, places=places)


@require_safe
@never_cache
@requires(Right.READ)
def contract(request: HttpRequest, service: str, environment: str) -> HttpResponse:
    """Show the contract in force, field by field, and every version."""
    terms = _terms(service, environment)
    history = rows.history(terms.place.id)
    return settings_page(
        request,
        "contract",
        "contracts",
        terms=terms,
        title=words.title_of(terms),
        fields=words.fields_of(terms, history),
        doubts=words.doubts(words.in_force(terms)),
        history=words.past(history, terms),
        more=len(history) == rows.MOST_VERSIONS,
        may_set=may(role_of(request.user), Right.SET_CONTRACTS),
    )


@require_http_methods(FORM)
@never_cache
@requires(Right.SET_CONTRACTS)
def contract_edit(request: HttpRequest, service: str, environment: str) -> HttpResponse:
    """Ask what people state, show what it changes, and state it: three posts to one address."""
    terms = _terms(service, environment)
    if request.method != "POST":
        return _form(request, terms, _fresh(terms))
    act = request.POST.get("act")
    if act in ("set", "back"):
        return _again(request, terms, state=act == "set")
    form = forms.typed(request.POST.dict())
    if act == "more":
        return _form(request, terms, form)
    statement, form = forms.checked(form, words.in_force(terms))
    if statement is None:
        return _form(request, terms, form, status=INVALID)
    if form.after != terms.latest:
        return _overtaken(request, terms, form)
    return _preview(request, terms, statement, form.reason)


def _terms(service: str, environment: str) -> rows.Terms:
    found = rows.terms(service, environment)
    if found is None:
        raise Http404
    return found


def _fresh(terms: rows.Terms) -> forms.Typed:
    return forms.prefilled(terms.by_person, words.in_force(terms), terms.latest)


def _again(request: HttpRequest, terms: rows.Terms, *, state: bool) -> HttpResponse:
    """Go on from the preview: state what it showed, or return to the form with it."""
    statement = forms.restated(request.POST.get("statement", ""))
    if statement is None:
        return _form(request, terms, _fresh(terms), status=INVALID)
    sent = forms.typed(request.POST.dict())
    form = forms.prefilled(statement, words.in_force(terms), sent.after)
    form = replace(form, reason=sent.reason)
    if not state:
        return _form(request, terms, form)
    if wrong := forms.wrong_with(form.reason):
        return _form(request, terms, replace(form, errors={"reason": wrong}), status=INVALID)
    try:
        version = store.state(
            terms.place.id,
            statement,
            by=request.user.get_username(),
            reason=form.reason,
            now=timezone.now(),
            after=form.after,
        )
    except store.OvertakenError:
        return _overtaken(request, terms, form)
    messages.info(request, f"Version {version} is in force. Every boot is decided again by it.")
    return redirect("contract", service=terms.place.service, environment=terms.place.environment)


def _form(
    request: HttpRequest, terms: rows.Terms, form: forms.Typed, *, problem: str = "", status: int = 200
) -> HttpResponse:
    return settings_page(
        request,
        "contract_edit",
        "contracts",
        status=status,
        terms=terms,
        form=form,
        inputs=forms.inputs(form, words.fields_of(terms)),
        meanings=forms.MEANINGS,
        problem=problem,
    )


def _preview(request: HttpRequest, terms: rows.Terms, statement: Declared, reason: str) -> HttpResponse:
    before, after = words.in_force(terms), effective(statement, terms.by_service)
    return settings_page(
        request,
        "contract_preview",
        "contracts",
        terms=terms,
        statement=store.canonical(statement),
        reason=reason,
        changes=words.differences(before, after),
        same=store.canonical(statement) == store.canonical(terms.by_person or Declared()),
        doubts=words.doubts(after),
    )


def _overtaken(request: HttpRequest, terms: rows.Terms, form: forms.Typed) -> HttpResponse:
    """Tell somebody that another was faster, and keep what they typed beside what is in force now."""
    now = rows.history(terms.place.id)[0]
    who = now.by if now.by_person else "The service itself"
    problem = f"{who} stated version {now.version} meanwhile, so nothing was changed. Look again, then go on."
    renewed = replace(form, after=terms.latest)
    return _form(request, terms, renewed, problem=problem, status=CONFLICT)
