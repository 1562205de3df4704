"""Topics of the containers list, on a real Engine, as a browser sees them."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import Any

import orjson
import pytest

from dockerui.engine import Engine
from dockerui.services.board import Board
from dockerui.services.container_row import row_of
from dockerui.ws.topics import TOPICS
from dockerui.ws.topics.containers import ROWS_PER_FRAME, frames
from tests.scripted_engine import Call, ScriptedEngine
from tests.support.engine import MakeContainer
from tests.ws.conftest import VIEWER, OpenTab, Tab


class Page:
    """What the list's script would show."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.rows: dict[str, str] = {}
        self.seen = ""
        self.groups: dict[str, str | None] = {}
        self.counts: dict[str, int] = {}
        self.stale = ""

    async def take(self, timeout: float = 5.0) -> str:
        """Take one frame in; returns what kind it was."""
        message = await self.tab.next(timeout)
        match message["ev"]:
            case "rows":
                for _, html in message["put"]:
                    (id_,) = re.findall(r'data-id="([0-9a-f]{64})"', html)
                    self.rows[id_[:12]] = html
            case "only":
                self.rows = {id_: html for id_, html in self.rows.items() if id_ in message["ids"]}
            case "seen":
                for id_ in message["gone"]:
                    self.rows.pop(id_, None)
                self.groups.update(message["groups"])
                self.seen, self.counts, self.stale = message["seen"], message["counts"], ""
            case "stale":
                self.stale = message["message"]
        return str(message["ev"])

    async def until(self, condition: Any, seconds: float = 5.0) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                await self.take(seconds)

    def state(self, id_: str) -> str:
        found = re.search(r'data-state="(\w+)"', self.rows.get(id_[:12], ""))
        return found[1] if found else ""


async def opened(tab: Tab, labels: dict[str, str], ch: int = 1, **more: Any) -> Page:
    only = [f"{key}={value}" for key, value in labels.items()]
    await tab.send("open", ch=ch, topic="containers", args={"filters": {"label": only}, **more})
    return Page(tab)


@pytest.mark.usefixtures("on_engine")
async def test_a_page_sees_rows_come_change_and_go(
    open_tab: OpenTab, engine: Engine, make_container: MakeContainer, labels: dict[str, str]
) -> None:
    first = await asyncio.to_thread(make_container, Labels={"com.docker.compose.project": "shop"})
    page = await opened(await open_tab(VIEWER), labels)
    await page.until(lambda: page.seen)
    assert page.state(first) == "running"
    assert page.groups["shop"] is not None
    assert page.counts["all"] == 1
    second = await asyncio.to_thread(make_container)
    await page.until(lambda: page.state(second) == "running")
    await asyncio.to_thread(engine.container_kill, first)
    await page.until(lambda: page.state(first) == "exited")
    await asyncio.to_thread(engine.container_remove, first)
    await page.until(lambda: first[:12] not in page.rows)
    assert page.groups["shop"] is None


@pytest.mark.usefixtures("on_engine")
async def test_a_page_that_comes_back_gets_only_what_it_missed(
    open_tab: OpenTab, engine: Engine, make_container: MakeContainer, labels: dict[str, str]
) -> None:
    first, second = [await asyncio.to_thread(make_container) for _ in range(2)]
    page = await opened(await open_tab(), labels)
    await page.until(lambda: page.seen and len(page.rows) == 2)
    await page.tab.send("close", ch=1)
    await asyncio.to_thread(engine.container_pause, second)
    again = await opened(page.tab, labels, ch=2, seen=page.seen)
    await again.until(lambda: again.state(second) == "paused")
    assert first[:12] not in again.rows


@pytest.mark.usefixtures("on_engine")
async def test_two_pages_share_one_board_and_the_same_bytes(
    open_tab: OpenTab, make_container: MakeContainer, labels: dict[str, str]
) -> None:
    pages = [await opened(await open_tab(), labels) for _ in range(2)]
    for page in pages:
        await page.until(lambda page=page: page.seen)
    id_ = await asyncio.to_thread(make_container)
    for page in pages:
        await page.until(lambda page=page: page.state(id_) == "running")
    assert pages[0].rows == pages[1].rows
    assert pages[0].seen == pages[1].seen


async def test_markup_in_names_and_labels_is_text() -> None:
    evil = "<img src=x onerror=alert(1)>\"'&"
    summary = {
        "Id": "a" * 64,
        "Names": [f"/{evil}"],
        "Image": evil,
        "Labels": {"com.docker.compose.project": evil},
        "State": "running",
        "Status": evil,
        "NetworkSettings": {"Networks": {evil: {}}},
        "Mounts": [{"Name": evil, "Destination": evil}],
    }
    board = Board()
    board.replace([row_of(summary, now=0)])
    change = board.since("")
    assert change is not None
    messages = [orjson.loads("{" + frame) for frame in frames(change)]
    markup = [html for message in messages for _, html in message.get("put", []) + message.get("groups", [])]
    assert len(markup) == 2
    for html in markup:
        assert "<img" not in html
        assert "&lt;img" in html


async def test_a_large_change_goes_in_pieces() -> None:
    board = Board()
    board.replace(
        [row_of({"Id": f"{n:064x}", "Names": [f"/c{n}"], "State": "exited"}, now=0) for n in range(120)]
    )
    change = board.since("")
    assert change is not None
    made = frames(change)
    assert len(made) == -(-120 // ROWS_PER_FRAME) + 2
    assert frames(change) is made


@pytest.mark.parametrize(
    "args",
    [
        {"filters": {"nonsense": ["1"]}},
        {"filters": {"status": ["RUNNING"]}},
        {"filters": {"status": "running"}},
        {"filters": ["status"]},
        {"filters": {"exited": ["x"]}},
        {"filters": {"label": [1]}},
        {"filters": {"publish": ["70000"]}},
        {"limit": 0},
        {"limit": "many"},
        {"limit": True},
        {"seen": 1},
    ],
)
async def test_bad_arguments_make_no_engine_call(
    open_tab: OpenTab, on_scripted: ScriptedEngine, args: dict[str, Any]
) -> None:
    tab = await open_tab()
    await tab.send("open", ch=1, topic="containers", args=args)
    assert (await tab.next())["status"] == 400
    assert on_scripted.calls == []


@pytest.mark.parametrize("topic", list(TOPICS))
async def test_whoever_may_not_makes_no_engine_call(
    open_tab: OpenTab, on_scripted: ScriptedEngine, actors: dict[str, Any], topic: str
) -> None:
    actors[VIEWER.session_key] = replace(VIEWER, permissions=frozenset())
    tab = await open_tab(VIEWER)
    await tab.send("open", ch=1, topic=topic, args={})
    assert (await tab.next())["status"] == 403
    assert on_scripted.calls == []


async def test_it_says_that_the_engine_is_away_and_recovers(
    open_tab: OpenTab, on_scripted: ScriptedEngine
) -> None:
    on_scripted.answers("GET", "/containers/json", [{"Id": "a" * 64, "Names": ["/a"], "State": "running"}])

    @on_scripted.on("GET", "/events")
    async def events(call: Call) -> None:
        await call.head()
        await call.wait_gone()

    page = await opened(await open_tab(), {})
    await page.until(lambda: page.rows)
    await on_scripted.stop()
    await page.until(lambda: page.stale)
    assert page.rows
    await on_scripted.start()
    await page.until(lambda: page.stale == "", 10)


@pytest.mark.usefixtures("on_engine")
async def test_stats_follow_the_watched_rows(open_tab: OpenTab, make_container: MakeContainer) -> None:
    busy = await asyncio.to_thread(make_container, "sh", "-c", "while :; do :; done")
    idle = await asyncio.to_thread(make_container)
    tab = await open_tab(VIEWER)
    await tab.send("open", ch=1, topic="stats", args={"ids": []})
    await tab.until("open")
    await tab.send("watch", ch=1, ids=[busy])
    async with asyncio.timeout(15):
        while True:
            rows = (await tab.until("usage", 10))["rows"]
            assert set(rows) <= {busy}
            cpu, memory, limit, _, _ = rows[busy]
            if cpu and cpu > 5:
                break
    assert memory > 0
    assert limit > memory
    await tab.send("watch", ch=1, ids=[idle])
    async with asyncio.timeout(10):
        while set((await tab.until("usage", 10))["rows"]) != {idle}:
            pass


@pytest.mark.usefixtures("on_engine")
async def test_stats_of_one_container_begin_with_history_and_say_when_it_stops(
    open_tab: OpenTab, engine: Engine, make_container: MakeContainer
) -> None:
    id_ = await asyncio.to_thread(make_container)
    tab = await open_tab(VIEWER)
    await tab.send("open", ch=1, topic="stats", args={"id": id_, "history": "6h"})
    await tab.until("open")
    history = await tab.next()
    assert (history["ev"], history["step"]) == ("history", 20)
    sample = await tab.until("sample", 10)
    assert sample["memory"] > 0
    await tab.send("range", ch=1, range="10m")
    assert (await tab.until("history"))["step"] == 1
    await asyncio.to_thread(engine.container_kill, id_)
    await tab.until("stopped", 10)


@pytest.mark.usefixtures("on_engine")
async def test_totals_sum_what_runs(open_tab: OpenTab, make_container: MakeContainer) -> None:
    await asyncio.to_thread(make_container, "sh", "-c", "while :; do :; done")
    tab = await open_tab(VIEWER)
    await tab.send("open", ch=1, topic="totals", args={})
    async with asyncio.timeout(20):
        while not (sums := await tab.until("totals", 10)).get("cpu"):
            pass
    assert sums["cpus"] >= 1
    assert sums["memory_total"] > sums["memory"] > 0


@pytest.mark.parametrize(
    "args",
    [{"id": "short"}, {"ids": "x"}, {"ids": ["../info"]}, {"id": "a" * 64, "history": "1y"}, {"id": None}],
)
async def test_bad_stats_arguments_make_no_engine_call(
    open_tab: OpenTab, on_scripted: ScriptedEngine, args: dict[str, Any]
) -> None:
    tab = await open_tab()
    await tab.send("open", ch=1, topic="stats", args=args)
    assert (await tab.next())["status"] == 400
    assert on_scripted.calls == []
