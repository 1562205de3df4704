"""Pages take their rows from the process's live board, from any thread, and share it with the sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from dockerui.access import Actor, Forbidden
from dockerui.engine.errors import EngineUnavailable, NotFound
from dockerui.services import engines, hub, live
from dockerui.services.board import Snapshot
from dockerui.services.containers_list import ListQuery, make_query
from tests.scripted_engine import Call, ScriptedEngine

ACTOR = Actor.system()
ROW = {"Id": "a" * 64, "Names": ["/a"], "State": "running", "Status": "Up 1 second"}


@pytest.fixture
async def scripted(scripted_engine: ScriptedEngine) -> AsyncIterator[ScriptedEngine]:
    @scripted_engine.on("GET", "/events")
    async def events(call: Call) -> None:
        await call.head()
        await call.wait_gone()

    @scripted_engine.on("GET", "/containers/json")
    async def list_(call: Call) -> None:
        body = json.dumps([ROW]).encode()
        await call.head(200, {"Content-Length": str(len(body))}, then=body)

    engines.use(scripted_engine.endpoint)
    yield scripted_engine
    await hub.aclose()
    engines.use(None)


async def page(query: ListQuery = ListQuery()) -> Snapshot:  # noqa: B008 (frozen)
    return await asyncio.to_thread(live.container_snapshot, ACTOR, query)


async def test_pages_share_one_board_and_its_one_list(scripted: ScriptedEngine) -> None:
    hub.streams(ACTOR)
    first = await page()
    assert [row.name for row in first.rows.values()] == ["a"]
    assert first.seen
    assert await page() is await page()
    assert len(scripted.seen("/containers/json")) == 1


async def test_a_page_and_a_socket_share_a_board(scripted: ScriptedEngine) -> None:
    async with live.containers(ACTOR, ListQuery()) as board:
        await board.first()
        assert (await page()).seen == board.snapshot.seen
    assert len(scripted.seen("/containers/json")) == 1


async def test_other_filters_are_another_board(scripted: ScriptedEngine) -> None:
    hub.streams(ACTOR)
    await page()
    await page(make_query({"status": ["running"]}))
    assert len(scripted.seen("/containers/json")) == 2


async def test_a_board_that_nobody_needs_is_let_go(
    scripted: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LINGER", 0.05)
    streams = hub.streams(ACTOR)
    await page()
    async with asyncio.timeout(5):
        while live.boards(streams).peek(ListQuery()) is not None:
            await asyncio.sleep(0.01)


async def test_rare_filters_do_not_add_boards_without_end(
    scripted: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST_BOARDS", 3)
    streams = hub.streams(ACTOR)
    for n in range(6):
        snapshot = await page(make_query({"label": [f"n={n}"]}))
        assert len(snapshot.rows) == 1
    assert (
        sum(live.boards(streams).peek(make_query({"label": [f"n={n}"]})) is not None for n in range(6)) == 3
    )


async def test_without_a_loop_a_page_asks_the_engine_itself(scripted: ScriptedEngine) -> None:
    snapshot = await page()
    assert len(snapshot.rows) == 1
    assert snapshot.seen == ""


async def test_what_the_engine_refuses_reaches_the_page(scripted: ScriptedEngine) -> None:
    scripted.answers("GET", "/containers/json", {"message": "no such container: x"}, 404)
    hub.streams(ACTOR)
    with pytest.raises(NotFound, match="no such container"):
        await page(make_query({"before": ["x"]}))


async def test_an_engine_that_is_away_reaches_the_page(scripted: ScriptedEngine) -> None:
    await scripted.stop()
    hub.streams(ACTOR)
    with pytest.raises(EngineUnavailable):
        await page()


async def test_whoever_may_not_gets_nothing(scripted: ScriptedEngine) -> None:
    nobody: Any = replace(ACTOR, permissions=frozenset())
    with pytest.raises(Forbidden):
        await asyncio.to_thread(live.container_snapshot, nobody, ListQuery())
    assert scripted.calls == []
