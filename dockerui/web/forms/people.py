"""Forms about people: the first account, more accounts, passwords."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.password_validation import validate_password

from dockerui.accounts.models import User

NAME = r"^[\w.@+-]{1,150}\Z"


def _text(autocomplete: str, **attributes: str | bool) -> forms.TextInput:
    return forms.TextInput(
        {"class": "input", "autocomplete": autocomplete, "autocapitalize": "none", **attributes}
    )


def _password(autocomplete: str, **attributes: str | bool) -> forms.PasswordInput:
    return forms.PasswordInput({"class": "input", "autocomplete": autocomplete, **attributes})


def _name_field(**attributes: str | bool) -> forms.RegexField:
    return forms.RegexField(
        NAME,
        label="User name",
        max_length=150,
        widget=_text("username", spellcheck="false", **attributes),
        error_messages={"invalid": "Letters, digits and . @ + - _ only."},
    )


def _new_password_field(label: str = "Password") -> forms.CharField:
    return forms.CharField(
        label=label,
        strip=False,
        max_length=1000,
        widget=_password("new-password"),
        help_text="At least 10 characters, and none of the common ones.",
    )


class SetupForm(forms.Form):
    """The first account."""

    username = _name_field(autofocus=True)
    password = _new_password_field()

    def clean(self) -> dict[str, object]:
        """Refuse a password that is easily guessed, knowing the name."""
        password = self.cleaned_data.get("password")
        if password:
            try:
                validate_password(password, User(username=self.cleaned_data.get("username", "")))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return self.cleaned_data


class PersonForm(SetupForm):
    """One more account."""

    username = _name_field()
    role = forms.ChoiceField(
        choices=User.Role.choices,
        initial=User.Role.VIEWER,
        widget=forms.Select({"class": "input"}),
        help_text="Viewers see everything but secrets and change nothing.",
    )

    def clean_username(self) -> str:
        """A name is given once, in whatever case."""
        username: str = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError("Somebody has that name already.")
        return username


class OwnPasswordForm(PasswordChangeForm):
    """The current password, and a new one twice."""

    def __init__(self, user: User, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(user, data)
        self.fields["old_password"].label = "Current password"
        self.fields["old_password"].widget = _password("current-password")
        self.fields["new_password1"].widget = _password("new-password")
        self.fields["new_password1"].help_text = "At least 10 characters, and none of the common ones."
        self.fields["new_password2"].label = "New password again"
        self.fields["new_password2"].widget = _password("new-password")
        self.fields["new_password2"].help_text = ""
