"""Login sessions: what they remember of themselves, when they end, and who holds them now.

Sockets ask for their holders when they open and every few seconds while they are open.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import (
    BACKEND_SESSION_KEY,
    HASH_SESSION_KEY,
    SESSION_KEY,
    get_user_model,
    load_backend,
)
from django.contrib.sessions.backends.base import SessionBase
from django.utils.crypto import constant_time_compare as _same

from dockerui.access import Actor
from dockerui.accounts.models import User

STARTED, SEEN = "started_at", "seen_at"  # Unix seconds that a login session keeps of itself
ADDRESS, BROWSER = "address", "browser"  # where it was begun, for its owner to recognise


def begin(session: SessionBase, *, address: str, browser: str) -> None:
    """Let a fresh login remember when and where it began."""
    session[STARTED] = session[SEEN] = time.time()
    session[ADDRESS], session[BROWSER] = address[:64], browser[:300]


def is_over(session: Mapping[str, Any] | SessionBase, now: float) -> bool:
    """Whether a login has been idle for too long or is too old, or was never properly begun."""
    started, seen = float(session.get(STARTED, 0)), float(session.get(SEEN, 0))
    return now - seen > settings.DOCKERUI_SESSION_IDLE or now - started > settings.DOCKERUI_SESSION_MAX


def seen_every() -> float:
    """Seconds between two notes that a login is in use: not each request need write to the database."""
    return min(60.0, float(settings.DOCKERUI_SESSION_IDLE) / 4)


def actors_of(session_keys: Collection[str]) -> dict[str, Actor]:
    """The actor behind each login session, from the database (synchronous).

    Missing are sessions that ended, were idle for too long or are too old, whose user is gone or inactive,
    and whose password has changed since. The look-up does not prolong a session.
    """
    found = ((key, _actor(key)) for key in session_keys if key)
    return {key: actor for key, actor in found if actor is not None}


def _actor(session_key: str) -> Actor | None:
    store = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    data: dict[str, Any] = store.load()
    backend = data.get(BACKEND_SESSION_KEY)
    if (
        SESSION_KEY not in data
        or is_over(data, time.time())
        or backend not in settings.AUTHENTICATION_BACKENDS
    ):
        return None
    user_id = get_user_model()._meta.pk.to_python(data[SESSION_KEY])
    user: User | None = load_backend(backend).get_user(user_id)
    if user is None or not _same(data.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
        return None
    return Actor.for_user(user, session_key)
