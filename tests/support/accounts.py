"""Accounts for tests."""

from typing import Any


def make_user(username: str, role: str, password: str = "correct horse battery staple") -> Any:
    """An account with a role (``admin`` or ``viewer``)."""
    from django.contrib.auth import get_user_model

    return get_user_model().objects.create_user(username=username, password=password, role=role)
