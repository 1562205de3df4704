"""What admins do with accounts, and everybody with their own logins."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone

from dockerui import audit
from dockerui.access import Actor, authorise
from dockerui.accounts.models import User
from dockerui.services.errors import BadInput

revocations = Signal()
"""Sent with `session_key` (or None: look at all) when a login has ended or an account has changed."""


@dataclass(frozen=True)
class Login:
    """One login session; `handle` names it in a form without giving its key away."""

    handle: str
    expires: datetime
    current: bool


def revoked(session_key: str | None) -> None:
    """Let open sockets look at once whether their login still holds."""
    revocations.send(sender=None, session_key=session_key)


def sessions_of(actor: Actor) -> list[Login]:
    """The actor's logins, the current one first."""
    authorise(actor, "account.self")
    found = [
        Login(_handle(session.session_key), session.expire_date, session.session_key == actor.session_key)
        for session in _sessions(actor.user_id)
    ]
    return sorted(found, key=lambda entry: not entry.current)


def session_end(actor: Actor, handle: str) -> None:
    """End one of the actor's own logins."""
    authorise(actor, "account.self")
    for session in _sessions(actor.user_id):
        if _handle(session.session_key) == handle:
            key = session.session_key
            session.delete()
            revoked(key)


def account_list(actor: Actor) -> list[User]:
    """Everybody, by name."""
    authorise(actor, "account.manage")
    return list(User.objects.order_by("username"))


def account_create(actor: Actor, username: str, password: str, role: str) -> User:
    """Make an account."""
    authorise(actor, "account.manage")
    with transaction.atomic():
        audit.record(actor, "account.create", username, "done", {"role": role})
        return User.objects.create_user(username=username, password=password, role=role)


def account_change(
    actor: Actor, user_id: int, *, role: str | None, active: str | None, password: str | None
) -> None:
    """Change what is given. Raises BadInput when nobody could look after accounts afterwards."""
    authorise(actor, "account.manage")
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user_id)
        if role:
            if role not in User.Role.values:
                raise BadInput("There is no such role.")
            user.role = role
        if active is not None:
            user.is_active = active == "1"
        if password:
            _set_password(user, password)
        user.save()
        if not User.objects.filter(role=User.Role.ADMIN, is_active=True).exists():
            raise BadInput("This is the last admin; make another one first.")
        what = ", ".join(filter(None, (role, active and f"active={active}", password and "password")))
        audit.record(actor, "account.change", user.username, "done", {"what": what})
    revoked(None)


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise BadInput(" ".join(error.messages)) from None
    user.set_password(password)


def _sessions(user_id: int | None) -> list[Session]:
    live = Session.objects.filter(expire_date__gt=timezone.now())
    return [session for session in live if session.get_decoded().get("_auth_user_id") == str(user_id)]


def _handle(session_key: str) -> str:
    return hashlib.sha256(session_key.encode()).hexdigest()[:24]
