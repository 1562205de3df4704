"""The first account: a one-time link on the console instead of a default password (security rule R10)."""

from __future__ import annotations

import hashlib
import secrets

from django.db import transaction
from django.urls import reverse

from dockerui.accounts.models import SetupToken, User


class SetupClosed(Exception):
    """The link is wrong or used, or somebody has made the first account already."""


def new_link() -> str | None:
    """The path of a fresh one-time link, replacing any older; None once there is an account."""
    if User.objects.exists():
        return None
    token = secrets.token_urlsafe(24)
    with transaction.atomic():
        SetupToken.objects.all().delete()
        SetupToken.objects.create(digest=_digest(token))
    return reverse("setup", args=[token])


def valid(token: str) -> bool:
    """Whether the link still works."""
    return SetupToken.objects.filter(digest=_digest(token)).exists() and not User.objects.exists()


def first_admin(token: str, username: str, password: str) -> User:
    """Make the first account. Raises SetupClosed; of two that race, one wins."""
    with transaction.atomic():
        # Deleting the row takes the database's write lock: the second of two finds nothing to delete.
        deleted, _ = SetupToken.objects.filter(digest=_digest(token)).delete()
        if not deleted or User.objects.exists():
            raise SetupClosed
        return User.objects.create_user(username=username, password=password, role=User.Role.ADMIN)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
