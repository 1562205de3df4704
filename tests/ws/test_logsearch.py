"""Topic `logsearch` on the real Engine."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dockerui.engine import Engine
from tests.support.engine import MakeContainer
from tests.ws.conftest import OpenTab, Tab

pytestmark = pytest.mark.usefixtures("here")


async def search(tab: Tab, ids: list[str], query: str, **args: Any) -> tuple[list[dict[str, Any]], str]:
    """All matches, and the reason of the end."""
    await tab.send("open", ch=1, topic="logsearch", args={"ids": ids, "query": query, **args})
    found: list[dict[str, Any]] = []
    async with asyncio.timeout(15):
        while (message := await tab.next(15))["ev"] != "end":
            assert message["ev"] != "error", message
            if message["ev"] == "matches":
                found += message["items"]
    return found, message["reason"]


def printed(make_container: MakeContainer, engine: Engine, script: str, **options: Any) -> str:
    container = make_container("sh", "-c", script, **options)
    engine.container_wait(container)
    return container


async def test_it_finds_matches_in_several_logs(
    open_tab: OpenTab, make_container: MakeContainer, engine: Engine
) -> None:
    first = printed(make_container, engine, "seq 1 5000 | sed 's/^/one /'")
    second = printed(make_container, engine, "echo two 777; echo err 777 >&2", tty=False)
    third = printed(make_container, engine, "echo tty 777", tty=True)
    found, reason = await search(await open_tab(), [first, second, third], r"\b777\b", regex=True)
    assert {(item["source"], item["text"]) for item in found} == {
        (0, "one 777"),
        (1, "two 777"),
        (1, "err 777"),
        (2, "tty 777"),
    }
    assert reason == "complete"


async def test_there_is_a_limit(open_tab: OpenTab, make_container: MakeContainer, engine: Engine) -> None:
    container = printed(make_container, engine, "seq 1 20000")
    found, reason = await search(await open_tab(), [container], "1")
    assert reason == "limit"
    assert len(found) >= 1000


async def test_a_log_that_cannot_be_read_is_skipped(
    open_tab: OpenTab, make_container: MakeContainer, engine: Engine
) -> None:
    good = printed(make_container, engine, "echo here")
    mute = make_container("sleep", "1000", HostConfig={"LogConfig": {"Type": "none"}})
    tab = await open_tab()
    await tab.send("open", ch=1, topic="logsearch", args={"ids": [mute, good], "query": "here"})
    messages = [await tab.next(10) for _ in range(3)]
    while messages[-1]["ev"] != "end":
        messages.append(await tab.next(10))
    assert [m["source"] for m in messages if m["ev"] == "skipped"] == [0]
    assert [m["items"][0]["text"] for m in messages if m["ev"] == "matches"] == ["here"]


async def test_it_tells_how_far_it_is_and_stops_when_told(
    open_tab: OpenTab, make_container: MakeContainer, engine: Engine
) -> None:
    container = printed(make_container, engine, "seq 1 300000")
    tab = await open_tab()
    await tab.send("open", ch=1, topic="logsearch", args={"ids": [container], "query": "no such thing"})
    progress = await tab.until("progress", 10)
    assert 0 <= progress["done"] <= 1
    await tab.send("close", ch=1)
    assert await tab.silent(0.6)


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize(
    "args",
    [
        {"ids": []},
        {"ids": "abc"},
        {"ids": ["a"] * 25},
        {"ids": ["../x"]},
        {"ids": [5]},
        {"query": ""},
        {"query": "("},
        {"query": "(?=a)"},
        {"query": {"a": 1}},
        {"regex": "yes"},
        {"since": "never"},
    ],
)
async def test_nonsense_is_a_400_without_an_engine_call(open_tab: OpenTab, args: dict[str, Any]) -> None:
    tab = await open_tab()
    whole = {"ids": ["abc"], "query": "x", "regex": True, **args}
    await tab.send("open", ch=1, topic="logsearch", args=whole)
    assert (await tab.until("error"))["status"] == 400
