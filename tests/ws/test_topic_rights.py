"""Every topic for strangers, viewers, admins: a refusal costs no Engine call, a right that is lost closes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dockerui.access import Actor
from dockerui.access.roles import permissions_of
from dockerui.ws import keeper
from dockerui.ws.topics import TOPICS
from tests.support.silent_engine import SilentEngine
from tests.ws.conftest import ADMIN, VIEWER, OpenTab

ID = "a" * 64
JOB = "00000000-0000-4000-8000-000000000001"
# Arguments with which each topic can be opened; a new topic must be added here.
ARGUMENTS: dict[str, dict[str, Any]] = {
    "attach": {"id": ID},
    "changes": {"types": ["volume"]},
    "container": {"id": ID},
    "containers": {},
    "events": {},
    "exec": {"id": ID, "cmd": ["true"]},
    "images": {},
    "job": {"id": JOB},
    "jobs": {},
    "logs": {"id": ID},
    "logsearch": {"ids": [ID], "query": "x"},
    "logsources": {"project": "shop"},
    "stats": {"ids": [ID]},
    "totals": {},
    "wait": {"id": ID},
}
FOR_ADMINS = sorted(
    name for name, topic in TOPICS.items() if topic.permission not in permissions_of("viewer")
)
FOR_ALL = sorted(TOPICS.keys() - set(FOR_ADMINS))
EVERY = sorted(TOPICS)


@pytest.fixture
def idle(topics: dict[str, Any]) -> None:
    """Every topic checks its arguments and then only runs."""

    async def run(self: Any) -> None:
        await asyncio.Event().wait()

    for name, topic in TOPICS.items():
        topics[name] = type(topic.__name__, (topic,), {"run": run})


def test_every_topic_is_in_the_table() -> None:
    assert ARGUMENTS.keys() == TOPICS.keys()


def test_what_reaches_into_a_container_is_for_admins() -> None:
    assert {"exec", "attach"} <= set(FOR_ADMINS)


@pytest.mark.parametrize("name", EVERY)
async def test_a_stranger_opens_nothing(name: str, open_tab: OpenTab, silent_engine: SilentEngine) -> None:
    tab = await open_tab(None)
    await tab.send("open", ch=1, topic=name, args=ARGUMENTS[name])
    assert await tab.code() == 4401
    assert silent_engine.calls == 0


@pytest.mark.parametrize("name", FOR_ADMINS)
async def test_a_viewer_is_refused_and_the_engine_hears_nothing(
    name: str, open_tab: OpenTab, silent_engine: SilentEngine
) -> None:
    tab = await open_tab(VIEWER)
    for args in (ARGUMENTS[name], {**ARGUMENTS[name], "reattach": "x" * 43}):
        await tab.send("open", ch=1, topic=name, args=args)
        frame = await tab.next()
        assert (frame["ev"], frame["status"]) == ("error", 403)
    assert silent_engine.calls == 0


@pytest.mark.parametrize("name", EVERY)
async def test_an_admin_may_open_it(name: str, open_tab: OpenTab, idle: None) -> None:
    tab = await open_tab(ADMIN)
    await tab.send("open", ch=1, topic=name, args=ARGUMENTS[name])
    assert await tab.next() == {"ch": 1, "ev": "open"}


@pytest.mark.parametrize("name", EVERY)
async def test_the_loss_of_a_right_closes_what_it_was_for(
    name: str, open_tab: OpenTab, actors: dict[str, Actor], idle: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "CHECK_EVERY", 0.02)
    tab = await open_tab(ADMIN)
    await tab.send("open", ch=1, topic=name, args=ARGUMENTS[name])
    assert await tab.next() == {"ch": 1, "ev": "open"}
    permission = TOPICS[name].permission
    actors[ADMIN.session_key] = Actor("user", 1, "mira", ADMIN.permissions - {permission}, ADMIN.session_key)
    assert await tab.code() == 4403


@pytest.mark.parametrize("name", FOR_ALL)
async def test_a_viewer_that_was_an_admin_keeps_what_viewers_have_until_logged_out(
    name: str, open_tab: OpenTab, actors: dict[str, Actor], idle: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "CHECK_EVERY", 0.02)
    tab = await open_tab(ADMIN)
    await tab.send("open", ch=1, topic=name, args=ARGUMENTS[name])
    assert await tab.next() == {"ch": 1, "ev": "open"}
    actors[ADMIN.session_key] = Actor("user", 1, "mira", VIEWER.permissions, ADMIN.session_key)
    assert await tab.silent(0.1)
    del actors[ADMIN.session_key]
    assert await tab.code() == 4401


def test_a_terminals_token_does_not_stand_for_the_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    from dockerui.access import Forbidden
    from dockerui.services import terminals

    terminal: Any = SimpleNamespace(
        owner=ADMIN, permission="exec.create", facts=SimpleNamespace(container=ID)
    )
    monkeypatch.setitem(terminals._open, "token", terminal)
    assert terminals.find(ADMIN, "token") is terminal
    lesser = Actor("user", 1, "mira", ADMIN.permissions - {"exec.create"}, ADMIN.session_key)
    with pytest.raises(Forbidden):
        terminals.find(lesser, "token")
