"""Adding people, changing their role, and passwords."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.contrib.auth.models import User
from django.http import HttpRequest, QueryDict

from dashboard.forms.fields import Choice, TextLine
from ingest.domain.people import Role

# Django's own class takes no parameter at run time; its type stubs do.
if TYPE_CHECKING:
    SetForm = SetPasswordForm[User]
else:
    SetForm = SetPasswordForm

LONGEST = 150  # characters of a user name
ROLES = (
    (Role.VIEWER, "Viewer: sees every page."),
    (Role.RESPONDER, "Responder: also sets contracts."),
    (Role.ADMIN, "Admin: also manages keys and people."),
)
WRONG = "This is not your password."
HELP = "At least 8 characters; not what many people use, and not like your name."


class PersonForm(forms.Form):
    """Somebody to be added."""

    username = TextLine(
        label="User name",
        max_length=LONGEST,
        help_text="Letters, digits and @ . + - _ only. It cannot be changed later.",
        attributes={"autocapitalize": "none"},
    )
    role = Choice(label="Role", choices=ROLES, initial=Role.VIEWER)

    def clean_username(self) -> str:
        """Return the name as it is stored; look-alike forms of a letter become one."""
        name: str = User.normalize_username(self.cleaned_data["username"])
        User.username_validator(name)
        return name


class RoleForm(forms.Form):
    """Another role for somebody."""

    role = Choice(label="Role", choices=ROLES)


class OwnPasswordForm(PasswordChangeForm):
    """A new password for who is signed in, who has to know the one before."""

    def __init__(self, request: HttpRequest, user: User, data: QueryDict | None = None) -> None:
        """Take the request too: where it comes from counts for the throttling."""
        super().__init__(user, data)
        self._request = request
        _dress(self)

    def clean_old_password(self) -> str:
        """Check the password as signing in does, so that it cannot be guessed faster here than there."""
        given: str = self.cleaned_data["old_password"]
        name = self.user.get_username()
        if authenticate(self._request, username=name, password=given) is None:
            raise forms.ValidationError(WRONG)
        return given


class FirstPasswordForm(SetForm):
    """A password for who came by a link."""

    def __init__(self, user: User, *args: Any, **options: Any) -> None:
        """Take the account that the link is for."""
        super().__init__(user, *args, **options)
        _dress(self)


def _dress(form: forms.Form) -> None:
    for field in form.fields.values():
        field.widget.attrs["class"] = "fs-input"
    form.fields["new_password1"].label = "New password"
    form.fields["new_password1"].help_text = HELP
    form.fields["new_password2"].label = "New password again"
    form.fields["new_password2"].help_text = ""
