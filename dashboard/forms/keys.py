"""Making a key: what it may do, for whom, from where and how long."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from dashboard.forms.fields import Choice, TextLine
from ingest import auth

SCOPES = (
    ("write", "Write: a service reports its boots and sockets. Keep it on servers."),
    ("client", "Client: a page reports what its sockets saw. It is public, and bound to origins."),
    ("read", "Read: the API answers a program. Keep it on servers."),
)
NEVER, ON = "never", "on"
EXPIRY = (
    ("30", "in 30 days"),
    ("90", "in 90 days"),
    ("365", "in 1 year"),
    (NEVER, "never"),
    (ON, "after a date"),
)  # days, or a word


class KeyForm(forms.Form):
    """A key to be made."""

    label = TextLine(label="What it is for", help_text="People find it again by this.")
    scope = Choice(label="What it may do", choices=SCOPES)
    service = TextLine(
        label="Service", required=False, help_text="Empty: any service.", attributes={"list": "services"}
    )
    environment = TextLine(
        label="Environment",
        required=False,
        help_text="Empty: any environment.",
        attributes={"list": "environments"},
    )
    origins = forms.CharField(
        label="Origins, for a client key",
        required=False,
        widget=forms.Textarea(attrs={"class": "fs-input", "rows": 3, "spellcheck": "false"}),
        help_text="Of the pages that it is sent from, one a line: https://app.example.com",
    )
    expires = forms.ChoiceField(
        label="Expires", choices=EXPIRY, initial="365", widget=forms.Select(attrs={"class": "fs-input"})
    )
    until = forms.DateField(
        label="Last day, for “after a date”",
        required=False,
        widget=forms.DateInput(attrs={"class": "fs-input", "type": "date"}, format="%Y-%m-%d"),
        help_text="It works until that day ends in UTC.",
    )

    def clean(self) -> dict[str, Any]:
        """Hold scope against origins, and the choice of an end against its date."""
        cleaned = self.cleaned_data
        if "scope" in cleaned:
            try:
                cleaned["origins"] = auth.bound(cleaned["scope"], cleaned.get("origins", "").split())
            except ValueError as error:
                self.add_error("origins", str(error))
        if cleaned.get("expires") == ON and "until" in cleaned:
            self._check_day(cleaned["until"])
        elif cleaned.get("until") and "expires" in cleaned:
            self.add_error("until", "Choose “after a date”, or empty this.")
        return cleaned

    def _check_day(self, until: date | None) -> None:
        if until is None:
            self.add_error("until", "Which day?")
        elif until < timezone.now().date():
            self.add_error("until", "That day is over.")
        elif until.year > timezone.now().year + 50:
            self.add_error("until", "Within 50 years, or choose “never”.")

    def expires_at(self, now: datetime) -> datetime | None:
        """Return when the key shall expire; None for never."""
        choice = self.cleaned_data["expires"]
        if choice == NEVER:
            return None
        if choice == ON:
            following = self.cleaned_data["until"] + timedelta(days=1)
            return datetime.combine(following, time(), now.tzinfo)
        return now + timedelta(days=int(choice))
