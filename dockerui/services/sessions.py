"""Who the holders of login sessions are now: asked when a socket opens and every few seconds while it is open."""

from __future__ import annotations

from collections.abc import Collection
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
from django.contrib.auth.models import AbstractBaseUser
from django.utils.crypto import constant_time_compare

from dockerui.access import Actor


def actors_of(session_keys: Collection[str]) -> dict[str, Actor]:
    """The actor behind each login session, from the database (synchronous).

    Missing are sessions that ended or expired, whose user is gone or inactive, and whose password has changed since.
    The look-up does not prolong a session.
    """
    found = ((key, _actor(key)) for key in session_keys if key)
    return {key: actor for key, actor in found if actor is not None}


def _actor(session_key: str) -> Actor | None:
    store = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    data: dict[str, Any] = store.load()
    if SESSION_KEY not in data or data.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    user_id = get_user_model()._meta.pk.to_python(data[SESSION_KEY])
    user: AbstractBaseUser | None = load_backend(data[BACKEND_SESSION_KEY]).get_user(user_id)
    if user is None or not constant_time_compare(data.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
        return None
    return Actor.for_user(user, session_key)
