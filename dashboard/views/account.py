"""Everybody's own account: its password, changed by who knows it or set by who came by a link."""

from typing import cast

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dashboard.forms.people import FirstPasswordForm, OwnPasswordForm, SetForm
from dashboard.views.access import signed_in
from dashboard.views.sections import FORM, INVALID, settings_page
from ingest.store.people import password_set


@sensitive_post_parameters()
@require_http_methods(FORM)
@never_cache
@signed_in
def account(request: HttpRequest) -> HttpResponse:
    """Show one's own account, and change its password: this browser stays signed in, all others do not."""
    user = cast("User", request.user)
    form = OwnPasswordForm(request, user, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = INVALID if request.method == "POST" else 200
        return settings_page(request, "account", "account", status=status, form=form)
    form.save()
    password_set(user.username, now=timezone.now())
    update_session_auth_hash(request, user)
    messages.info(request, "Your password is changed. You are signed out everywhere but here.")
    return redirect("account")


class SetPassword(PasswordResetConfirmView):
    """A password for who came by a link that an admin made; the link is good once."""

    form_class = FirstPasswordForm
    template_name = "set_password.html"
    success_url = reverse_lazy("login")

    def get_user(self, uidb64: str) -> User | None:
        """Return whose link it is; nobody for an account that is deactivated."""
        user = super().get_user(uidb64)
        return user if user is not None and user.is_active else None

    def form_valid(self, form: SetForm) -> HttpResponse:
        """Store the password, which ends every session there was, and lead to signing in."""
        answer = super().form_valid(form)
        password_set(form.user.get_username(), now=timezone.now())
        messages.info(self.request, "Your password is set. Sign in with it.")
        return answer
