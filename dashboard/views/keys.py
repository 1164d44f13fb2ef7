"""Keys: seen, made and revoked. A secret is in the answer to the form that made it, and nowhere else."""

from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from dashboard.forms.keys import KeyForm
from dashboard.pages import keys as words
from dashboard.queries import keys as rows
from dashboard.views.access import requires
from dashboard.views.sections import FORM, INVALID, settings_page
from ingest import auth
from ingest.domain.people import Right
from ingest.store import keys as store
from ingest.store.sessions import sent_before

MADE_BEFORE = (
    "This form was sent before, and no second key was made. A key is shown once: "
    "if nobody has copied it, revoke it and make another."
)


@require_safe
@never_cache
@requires(Right.MANAGE_KEYS)
def key_list(request: HttpRequest) -> HttpResponse:
    """List the keys that work, and folded those that do no more."""
    now = timezone.now()
    shown = [words.shown(key, now) for key in rows.keys(now)]
    return settings_page(
        request,
        "keys",
        "keys",
        title=words.title_of(shown),
        working=[row for row in shown if words.works(row)],
        ended=[row for row in shown if not words.works(row)],
        most_ended=rows.MOST_ENDED,
    )


@require_http_methods(FORM)
@never_cache
@requires(Right.MANAGE_KEYS)
def key_new(request: HttpRequest) -> HttpResponse:
    """Ask what a key shall do; answer with its secret, this once."""
    form = KeyForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = INVALID if request.method == "POST" else 200
        return settings_page(request, "key_new", "keys", status=status, form=form, names=rows.names())
    now = timezone.now()
    with transaction.atomic():
        if sent_before(request.session, request.POST.get("csrfmiddlewaretoken", "")):
            messages.info(request, MADE_BEFORE)
            return redirect("keys")
        secret = _made(request, form, now)
    made = next(key for key in rows.keys(now) if key.prefix == secret[: auth.SHOWN])
    address = request.build_absolute_uri(reverse("fleet")).rstrip("/")
    return settings_page(
        request,
        "key_made",
        "keys",
        key=made,
        secret=secret,
        snippets=words.snippets(made, secret, address, now),
    )


def _made(request: HttpRequest, form: KeyForm, now: datetime) -> str:
    wanted = form.cleaned_data
    return store.create(
        wanted["scope"],
        wanted["service"],
        wanted["environment"],
        label=wanted["label"],
        expires_at=form.expires_at(now),
        origins=wanted["origins"],
        by=request.user.get_username(),
    )


@require_http_methods(FORM)
@never_cache
@requires(Right.MANAGE_KEYS)
def key_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then end a key for good."""
    key = rows.key(pk)
    if key is None:
        raise Http404
    if request.method != "POST":
        return settings_page(request, "key_revoke", "keys", key=key)
    ended = store.revoke(pk, timezone.now(), by=request.user.get_username())
    said = "is revoked" if ended else "was revoked before"
    messages.info(request, f"{key.prefix}… {said}. Nothing is accepted with it any more.")
    return redirect("keys")
