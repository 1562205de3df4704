"""Forms about people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from dockerui.accounts.models import User


class SetupForm(forms.Form):
    """The first account."""

    username = forms.RegexField(
        r"^[\w.@+-]{1,150}$",
        initial="admin",
        error_messages={"invalid": "Letters, digits and . @ + - _ only."},
    )
    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False
    )

    def clean_password(self) -> str:
        """Refuse what is easily guessed."""
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password


class PersonForm(SetupForm):
    """One more account."""

    username = forms.RegexField(
        r"^[\w.@+-]{1,150}$", error_messages={"invalid": "Letters, digits and . @ + - _ only."}
    )
    role = forms.ChoiceField(choices=User.Role.choices, initial=User.Role.VIEWER)

    def clean_username(self) -> Any:
        """A name is given once, in whatever case."""
        username = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError("Somebody has that name already.")
        return username
