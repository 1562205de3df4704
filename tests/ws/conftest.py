"""Sockets without a server: the ASGI application is talked to directly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import orjson
import pytest
from asgiref.testing import ApplicationCommunicator

from dockerui.access import Actor
from dockerui.access.roles import permissions_of
from dockerui.engine import Endpoint
from dockerui.services import engines, hub
from dockerui.ws import consumer, keeper
from dockerui.ws.topics import TOPICS
from tests.scripted_engine import ScriptedEngine

ADMIN = Actor("user", 1, "mira", permissions_of("admin"), "key-admin")
VIEWER = Actor("user", 2, "otto", permissions_of("viewer"), "key-viewer")


class Tab:
    """A browser tab: sends and receives frames as Python values."""

    def __init__(self, communicator: ApplicationCommunicator) -> None:
        self._communicator = communicator
        self.sent_text = 0
        self.echo = True

    async def send(self, op: str, **fields: Any) -> None:
        """Send a JSON frame."""
        await self.raw(text=orjson.dumps({"op": op, **fields}).decode())

    async def raw(self, *, text: str | None = None, data: bytes | None = None) -> None:
        """Send any frame."""
        await self._communicator.send_input({"type": "websocket.receive", "text": text, "bytes": data})

    async def frame(self, timeout: float = 3.0) -> dict[str, Any]:
        """The next frame the server sent, as ASGI has it."""
        frame: dict[str, Any] = await self._communicator.receive_output(timeout)
        return frame

    async def next(self, timeout: float = 3.0) -> dict[str, Any]:
        """The next JSON frame; answers sync marks unless `echo` is off."""
        while True:
            frame = await self.frame(timeout)
            assert frame["type"] == "websocket.send", frame
            message: dict[str, Any] = orjson.loads(frame["text"])
            self.sent_text += len(frame["text"])
            if message["ev"] != "sync" or not self.echo:
                return message
            await self.send("sync", n=message["n"])

    async def until(self, ev: str, timeout: float = 3.0) -> dict[str, Any]:
        """The next JSON frame of this kind."""
        while (message := await self.next(timeout))["ev"] != ev:
            pass
        return message

    async def code(self, timeout: float = 3.0) -> int:
        """The code the server closes with; frames before it are skipped."""
        while (frame := await self.frame(timeout))["type"] != "websocket.close":
            pass
        return int(frame["code"])

    async def silent(self, seconds: float = 0.05) -> bool:
        """Whether nothing more comes."""
        return bool(await self._communicator.receive_nothing(seconds))

    async def leave(self) -> None:
        """Close the tab and wait until the server is done with it."""
        await self._communicator.send_input({"type": "websocket.disconnect", "code": 1001})
        await self._communicator.wait(10)


OpenTab = Callable[..., Awaitable[Tab]]


@pytest.fixture
def actors(monkeypatch: pytest.MonkeyPatch) -> dict[str, Actor]:
    """Who is logged in, by session key; change it and the sockets learn of it."""
    known = {actor.session_key: actor for actor in (ADMIN, VIEWER)}

    def actors_of(keys: set[str]) -> dict[str, Actor]:
        return {key: known[key] for key in keys if key in known}

    async def directly(function: Callable[..., Any], *args: Any) -> Any:
        return function(*args)

    for module in (consumer, keeper):
        monkeypatch.setattr(module, "actors_of", actors_of)
        monkeypatch.setattr(module, "database_sync_to_async", lambda f: lambda *args: directly(f, *args))
    return known


@pytest.fixture
def afterwards() -> list[Callable[[], Awaitable[None]]]:
    """What is to be cleaned up when the tabs are closed, before the look for what was left behind."""
    return []


@pytest.fixture
async def open_tab(
    actors: dict[str, Actor], afterwards: list[Callable[[], Awaitable[None]]]
) -> AsyncIterator[OpenTab]:
    """Open tabs: `await open_tab(ADMIN)`; None for a visitor without a login. Nothing may be left behind."""
    before = asyncio.all_tasks()
    tabs: list[Tab] = []

    class Session:
        def __init__(self, key: str | None) -> None:
            self.session_key = key

    async def opened(actor: Actor | None = ADMIN) -> Tab:
        scope = {
            "type": "websocket",
            "path": "/ws",
            "headers": [],
            "session": Session(actor and actor.session_key),
        }
        communicator = ApplicationCommunicator(consumer.socket_consumer, scope)
        await communicator.send_input({"type": "websocket.connect"})
        assert (await communicator.receive_output(3))["type"] == "websocket.accept"
        tab = Tab(communicator)
        if actor is not None:
            tabs.append(tab)
        return tab

    yield opened
    for tab in tabs:
        await tab.leave()
    for clean_up in afterwards:
        await clean_up()
    await asyncio.sleep(0)
    running = asyncio.all_tasks() - before - {asyncio.current_task()}
    left = {task.get_name() for task in running if not task.done()}
    assert not left, f"tasks left behind: {left}"


@pytest.fixture
def topics(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The table of topics, to add some to for one test."""
    table: dict[str, Any] = dict(TOPICS)
    monkeypatch.setattr("dockerui.ws.session.TOPICS", table)
    return table


@pytest.fixture
def audited(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The rows of the audit log, kept in a list instead of the database."""
    rows: list[dict[str, Any]] = []

    def record(
        actor: Actor, action: str, target: str, outcome: str, detail: Any = None, *, call: str = ""
    ) -> None:
        rows.append(
            {"actor": actor.name, "action": action, "target": target, "outcome": outcome, **(detail or {})}
        )

    monkeypatch.setattr("dockerui.audit.record", record)
    return rows


@pytest.fixture
def here(
    docker_host: str,
    actors: dict[str, Actor],
    audited: list[dict[str, Any]],
    afterwards: list[Callable[[], Awaitable[None]]],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[None]:
    """Services talk to the Engine under test, and ask the table of actors who is logged in."""
    from dockerui.engine import Endpoint
    from dockerui.services import engines, hub, terminals

    def actors_of(keys: set[str]) -> dict[str, Actor]:
        return {key: actors[key] for key in keys if key in actors}

    async def clean_up() -> None:
        await terminals.end_all()
        await hub.streams(ADMIN).hub.aclose()

    monkeypatch.setattr(terminals, "actors_of", actors_of)
    afterwards.append(clean_up)
    engines.use(Endpoint.parse(docker_host))
    yield
    engines.use(None)


@pytest.fixture
def no_engine(here: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any Engine call fails the test."""
    from dockerui.engine.aio import base

    async def called(*args: Any, **kwargs: Any) -> Any:
        pytest.fail("the Engine was called")

    monkeypatch.setattr(base, "exchange", called)


@pytest.fixture
def on_engine(docker_host: str, afterwards: list[Callable[[], Awaitable[None]]]) -> Iterator[None]:
    """The services talk to the Engine under test; what they start on this loop is stopped at the end."""
    afterwards.append(hub.aclose)
    engines.use(Endpoint.parse(docker_host))
    yield
    engines.use(None)


@pytest.fixture
def on_scripted(
    scripted_engine: ScriptedEngine, afterwards: list[Callable[[], Awaitable[None]]]
) -> Iterator[ScriptedEngine]:
    """The services talk to the scripted Engine."""
    afterwards.append(hub.aclose)
    engines.use(scripted_engine.endpoint)
    yield scripted_engine
    engines.use(None)
