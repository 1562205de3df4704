"""The first account: a one-time link on the console instead of a default password (security rule R10)."""

from __future__ import annotations

import hashlib
import secrets

from django.db import IntegrityError, transaction
from django.urls import reverse

from dockerui import audit
from dockerui.access import Actor
from dockerui.accounts.models import SetupToken, User

TOKEN_BYTES = 24
_ONLY = 1  # the one row that there can be: two processes that start together leave one valid link


class SetupClosed(Exception):
    """The link is wrong or used, or somebody has made the first account already."""


def new_link() -> str | None:
    """The path of a fresh one-time link, in place of any older; None once there is an account."""
    if User.objects.exists():
        return None
    token = secrets.token_urlsafe(TOKEN_BYTES)
    SetupToken.objects.update_or_create(pk=_ONLY, defaults={"digest": _digest(token)})
    return reverse("setup", args=[token])


def is_open() -> bool:
    """Whether nobody has made the first account yet."""
    return not User.objects.exists()


def valid(token: str) -> bool:
    """Whether the link still works."""
    return SetupToken.objects.filter(pk=_ONLY, digest=_digest(token)).exists() and is_open()


def first_admin(token: str, username: str, password: str) -> User:
    """Make the first account. Raises SetupClosed; of two that race, one wins."""
    try:
        with transaction.atomic():
            # Deleting the row takes the lock on it: the second of two waits, then finds nothing to delete.
            deleted, _ = SetupToken.objects.filter(pk=_ONLY, digest=_digest(token)).delete()
            if not deleted or User.objects.exists():
                raise SetupClosed
            audit.record(Actor.system(), "account.create", username, "done", {"role": User.Role.ADMIN.value})
            return User.objects.create_user(username=username, password=password, role=User.Role.ADMIN)
    except IntegrityError as error:
        raise SetupClosed from error


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
