"""What admins do with accounts, and everybody with their own logins. Every change is in the audit log."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.dispatch import receiver
from django.utils import timezone

from dockerui import audit
from dockerui.access import Actor, authorise
from dockerui.accounts.models import User
from dockerui.services import sessions
from dockerui.services.browsers import browser_name
from dockerui.services.errors import BadInput


@dataclass(frozen=True)
class Login:
    """One login session; `handle` names it in a form without giving its key away."""

    handle: str
    started: datetime
    seen: datetime
    address: str
    browser: str
    current: bool


@receiver(user_logged_in, dispatch_uid="people.logged_in")
def logged_in(sender: Any, request: Any, user: User, **_: Any) -> None:
    """Let the new login remember its beginning, and write it down. Failures are counted by the lock-out."""
    address = str(request.META.get("REMOTE_ADDR") or "")
    sessions.begin(request.session, address=address, browser=str(request.META.get("HTTP_USER_AGENT", "")))
    audit.record(
        Actor.for_user(user, None), "account.login", user.get_username(), "done", {"address": address}
    )


def logged_out(actor: Actor) -> None:
    """Write down that somebody logged out."""
    audit.record(actor, "account.logout", actor.name, "done")


def sessions_of(actor: Actor) -> list[Login]:
    """The actor's logins: the current one first, then the latest used."""
    authorise(actor, "account.self")
    found = [_login(session, actor) for session in _sessions(actor.user_id)]
    return sorted(found, key=lambda login: (login.current, login.seen), reverse=True)


def session_end(actor: Actor, handle: str) -> None:
    """End one of the actor's own logins; its sockets close with it."""
    authorise(actor, "account.self")
    for session in _sessions(actor.user_id):
        if _handle(session.session_key) == handle:
            audit.record(actor, "account.session_end", actor.name, "done")
            session.delete()


def sessions_end_others(actor: Actor) -> int:
    """End all the actor's logins but the current one; returns how many."""
    authorise(actor, "account.self")
    others = [session for session in _sessions(actor.user_id) if session.session_key != actor.session_key]
    if others:
        audit.record(actor, "account.session_end", actor.name, "done", {"logins": len(others)})
    for session in others:
        session.delete()
    return len(others)


def password_changed(actor: Actor) -> None:
    """Write down that the actor has a new password."""
    audit.record(actor, "account.password", actor.name, "done")


def account_list(actor: Actor) -> list[User]:
    """Everybody, by name."""
    authorise(actor, "account.manage")
    return list(User.objects.order_by("-is_active", "username"))


def account_create(actor: Actor, username: str, password: str, role: str) -> User:
    """Make an account."""
    authorise(actor, "account.manage")
    try:
        with transaction.atomic():
            audit.record(actor, "account.create", username, "done", {"role": role})
            return User.objects.create_user(username=username, password=password, role=role)
    except IntegrityError:
        raise BadInput(f"Somebody is called {username} already.") from None


def account_role(actor: Actor, user_id: int, role: str) -> User:
    """Give somebody another role. Raises BadInput when no admin would be left."""
    if role not in User.Role.values:
        raise BadInput("There is no such role.")
    return _change(actor, user_id, "account.role", {"role": role}, role=role)


def account_active(actor: Actor, user_id: int, active: bool) -> User:
    """Disable an account or let it in again. Raises BadInput when no admin would be left.

    The logins of a disabled account end for good: they must not come back to life with it.
    """
    user = _change(actor, user_id, "account.active", {"active": active}, is_active=active)
    for session in [] if active else _sessions(user.pk):
        session.delete()
    return user


def account_password(actor: Actor, user_id: int, password: str) -> User:
    """Set somebody's password; all their logins end. Raises BadInput for an easily guessed one."""
    authorise(actor, "account.manage")
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user_id)
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise BadInput(" ".join(error.messages)) from None
        audit.record(actor, "account.password_reset", user.username, "done")
        user.set_password(password)
        user.save()
    return user


def _change(actor: Actor, user_id: int, action: str, detail: dict[str, Any], **fields: Any) -> User:
    authorise(actor, "account.manage")
    with transaction.atomic():
        # All admins are locked, not this one alone: two who disable each other must not both succeed.
        admins = User.objects.filter(role=User.Role.ADMIN, is_active=True).select_for_update()
        others = [admin.pk for admin in admins if admin.pk != user_id]
        user = User.objects.select_for_update().get(pk=user_id)
        for name, value in fields.items():
            setattr(user, name, value)
        if not others and not (user.is_active and user.role == User.Role.ADMIN):
            raise BadInput("This is the last admin: make another one first.")
        audit.record(actor, action, user.username, "done", detail)
        user.save()
    return user


def _sessions(user_id: int | None) -> list[Session]:
    live = Session.objects.filter(expire_date__gt=timezone.now())
    return [session for session in live if session.get_decoded().get("_auth_user_id") == str(user_id)]


def _login(session: Session, actor: Actor) -> Login:
    data = session.get_decoded()
    return Login(
        handle=_handle(session.session_key),
        started=datetime.fromtimestamp(float(data.get(sessions.STARTED, 0)), UTC),
        seen=datetime.fromtimestamp(float(data.get(sessions.SEEN, 0)), UTC),
        address=str(data.get(sessions.ADDRESS, "")),
        browser=browser_name(str(data.get(sessions.BROWSER, ""))),
        current=session.session_key == actor.session_key,
    )


def _handle(session_key: str) -> str:
    return hashlib.sha256(session_key.encode()).hexdigest()[:24]
