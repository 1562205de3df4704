"""Keeps the sockets of one event loop honest: pings them, drops the silent, re-checks who may still be here.

One task for all sockets, started by the first and ended with the last. Every `CHECK_EVERY` seconds, and at
once when a login session ends or an account changes in this process, it asks `services.sessions` in one
thread hop who the sessions belong to now. Logout, loss of a role or deletion thus reach every open stream
within 5 s, whichever process they happened in.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session as LoginSession
from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save

from dockerui.access import Actor
from dockerui.services.sessions import actors_of
from dockerui.ws.errors import NOT_LOGGED_IN, SILENT, Breach
from dockerui.ws.session import Session

log = logging.getLogger(__name__)

CHECK_EVERY = 3.0
PING_EVERY = 20.0
SILENCE = 65.0  # seconds without any frame from a browser that is pinged every 20

_keepers: WeakKeyDictionary[asyncio.AbstractEventLoop, Keeper] = WeakKeyDictionary()


class Keeper:
    """The sessions of one event loop."""

    def __init__(self) -> None:
        self._sessions: set[Session] = set()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._pinged = time.monotonic()
        self._failures = 0

    def add(self, session: Session) -> None:
        """Watch over a session until `discard`."""
        self._sessions.add(session)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="socket keeper")

    def discard(self, session: Session) -> None:
        """The session's socket is gone."""
        self._sessions.discard(session)
        if not self._sessions and self._task is not None:
            self._task.cancel()
            self._task = None

    def recheck(self) -> None:
        """Re-check all actors now rather than at the next turn."""
        self._wake.set()

    async def _run(self) -> None:
        while True:
            try:
                async with asyncio.timeout(CHECK_EVERY):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()
            await self._check()
            if time.monotonic() - self._pinged >= PING_EVERY:
                self._pinged = time.monotonic()
                self._ping()

    async def _check(self) -> None:
        sessions = list(self._sessions)
        try:
            actors = await database_sync_to_async(actors_of)({s.actor.session_key for s in sessions})
        except Exception:
            self._failures += 1
            log.exception("cannot tell who is still logged in")
            if self._failures > 1:
                for session in sessions:
                    session.end(Breach(1011, "cannot tell who is still logged in"))
            return
        self._failures = 0
        for session in sessions:
            actor: Actor | None = actors.get(session.actor.session_key)
            if actor is None:
                session.end(Breach(NOT_LOGGED_IN, "logged out"))
            elif actor != session.actor:
                session.recheck(actor)

    def _ping(self) -> None:
        silent = time.monotonic() - SILENCE
        for session in list(self._sessions):
            if session.heard < silent:
                session.end(Breach(SILENT, "no answer"))
            else:
                session.ping()


def keeper() -> Keeper:
    """The keeper of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _keepers.get(loop)
    if found is None:
        found = _keepers[loop] = Keeper()
    return found


def recheck_all(**_: Any) -> None:
    """Re-check every socket of this process as soon as the current transaction is in the database."""
    transaction.on_commit(_recheck_now)


def _recheck_now() -> None:
    for loop, found in list(_keepers.items()):
        if not loop.is_closed():
            loop.call_soon_threadsafe(found.recheck)


def watch_accounts() -> None:
    """Connect `recheck_all` to whatever ends a login or changes an account."""
    post_delete.connect(recheck_all, sender=LoginSession, dispatch_uid="ws.session")
    for signal in (post_save, post_delete):
        signal.connect(recheck_all, sender=get_user_model(), dispatch_uid="ws.user")
    m2m_changed.connect(recheck_all, sender=get_user_model().groups.through, dispatch_uid="ws.groups")
