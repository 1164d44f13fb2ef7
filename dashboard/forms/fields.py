"""Fields that several forms have."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator

NAME = 200  # characters of a name, as the wire lets through

_one_line = RegexValidator(r"[\x00-\x1f\x7f]", "No control characters or line breaks.", inverse_match=True)


class TextLine(forms.CharField):
    """One line of text."""

    def __init__(self, **options: Any) -> None:
        """Take what a text field takes; at most as long as a name unless said otherwise."""
        attributes = {"class": "fs-input", "autocomplete": "off", "spellcheck": "false"}
        attributes |= options.pop("attributes", {})
        options.setdefault("max_length", NAME)
        super().__init__(widget=forms.TextInput(attrs=attributes), **options)
        self.validators.append(_one_line)


class Choice(forms.ChoiceField):
    """One of a few, each with a sentence, as radio buttons."""

    widget = forms.RadioSelect
