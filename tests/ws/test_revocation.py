"""Whoever logs out, is disabled, deleted or loses a role loses the open sockets within five seconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from dockerui.services.sessions import SEEN, STARTED
from dockerui.ws import keeper
from dockerui.ws.consumer import socket_consumer
from dockerui.ws.topic import Topic
from dockerui.ws.topics import TOPICS
from tests.support.accounts import make_user
from tests.ws.conftest import Tab

pytestmark = pytest.mark.django_db(transaction=True)


class Idle(Topic):
    """Only runs."""

    name = "idle"
    permission = "container.remove"

    async def run(self) -> str | None:
        await asyncio.Event().wait()
        return None


def log_in(user: Any) -> SessionStore:
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store[STARTED] = store[SEEN] = time.time()
    store.save()
    return store


@pytest.fixture
async def admin(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Any, SessionStore, Tab]]:
    """An admin, the admin's login session, and a socket with a running topic that only an admin may have."""
    monkeypatch.setattr("dockerui.ws.session.TOPICS", {**TOPICS, "idle": Idle})
    keeper.watch_accounts()
    user = await sync_to_async(make_user)("mira", "admin")
    session = await sync_to_async(log_in)(user)
    communicator = ApplicationCommunicator(socket_consumer, {"type": "websocket", "session": session})
    await communicator.send_input({"type": "websocket.connect"})
    assert (await communicator.receive_output(3))["type"] == "websocket.accept"
    tab = Tab(communicator)
    await tab.send("open", ch=1, topic="idle", args={})
    await tab.until("open")
    yield user, session, tab
    await tab.leave()


def log_out(user: Any, session: SessionStore) -> None:
    session.flush()


def disable(user: Any, session: SessionStore) -> None:
    user.is_active = False
    user.save()


def delete(user: Any, session: SessionStore) -> None:
    user.delete()


def change_password(user: Any, session: SessionStore) -> None:
    user.set_password("a new and better one")
    user.save()


@pytest.mark.parametrize("end", [log_out, disable, delete, change_password])
async def test_the_end_of_a_login_closes_the_socket_at_once(
    admin: tuple[Any, SessionStore, Tab], end: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "CHECK_EVERY", 60.0)
    user, session, tab = admin
    await sync_to_async(end)(user, session)
    assert await tab.code() == 4401


async def test_loss_of_a_role_closes_what_it_no_longer_allows(admin: tuple[Any, SessionStore, Tab]) -> None:
    user, _, tab = admin
    user.role = "viewer"
    await sync_to_async(user.save)()
    assert await tab.code() == 4403


async def test_a_change_made_by_another_process_closes_within_five_seconds(
    admin: tuple[Any, SessionStore, Tab],
) -> None:
    user, _, tab = admin
    await sync_to_async(
        lambda: type(user).objects.filter(pk=user.pk).update(is_active=False)
    )()  # sends no signal
    assert await tab.code(timeout=5) == 4401


async def test_a_login_that_idles_too_long_ends_though_its_socket_is_busy(
    admin: tuple[Any, SessionStore, Tab], settings: Any
) -> None:
    settings.DOCKERUI_SESSION_IDLE = 0.1
    _, _, tab = admin
    await tab.send("ping")
    assert await tab.code(timeout=5) == 4401


async def test_other_logins_keep_their_sockets(admin: tuple[Any, SessionStore, Tab]) -> None:
    user, _, tab = admin
    other = await sync_to_async(log_in)(user)
    await sync_to_async(other.flush)()
    await tab.send("ping")
    assert (await tab.until("pong"))["ev"] == "pong"
    assert await tab.silent(0.3)
