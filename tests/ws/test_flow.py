"""A browser that does not read must not grow the server, and gets the latest values once it reads again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dockerui.ws.outbox import MARK_EVERY, TEXT_WINDOW
from dockerui.ws.topic import BYTE_WINDOW, Topic
from tests.ws.conftest import OpenTab

Topics = dict[str, Any]


class Flood(Topic):
    """Sends as fast as it may, and counts."""

    name = "flood"
    permission = "container.list"
    sent = 0

    async def run(self) -> str | None:
        while True:
            if self.args.get("bytes"):
                await self.ch.send_bytes(bytes(100_000))
                type(self).sent += 100_000
            else:
                await self.ch.send("value", n=type(self).sent, pad="x" * 10_000)
                type(self).sent += 10_000
            await asyncio.sleep(0)


async def flooded(open_tab: OpenTab, topics: Topics, **args: Any) -> tuple[Any, type[Flood]]:
    flood = type("Flood", (Flood,), {"sent": 0})
    topics["flood"] = flood
    tab = await open_tab()
    tab.echo = False
    await tab.send("open", ch=1, topic="flood", args=args)
    await waits(flood)
    return tab, flood


async def waits(flood: type[Flood], *, beyond: int = 0) -> None:
    """Return when the flood has sent more than `beyond` and waits."""
    async with asyncio.timeout(10):
        while flood.sent <= beyond:
            await asyncio.sleep(0)
    before = -1
    while flood.sent != before:
        before = flood.sent
        await asyncio.sleep(0.05)


async def test_text_stops_at_the_window(open_tab: OpenTab, topics: Topics) -> None:
    _, flood = await flooded(open_tab, topics)
    assert TEXT_WINDOW * 0.9 <= flood.sent <= TEXT_WINDOW + 20_000


async def test_text_goes_on_when_the_marks_come_back(open_tab: OpenTab, topics: Topics) -> None:
    tab, flood = await flooded(open_tab, topics)
    stopped = flood.sent
    while (await tab.next())["ev"] != "sync":
        pass
    await tab.send("sync", n=MARK_EVERY + 20_000)  # more than was marked does not count
    await waits(flood, beyond=stopped)
    assert flood.sent <= stopped + MARK_EVERY + 30_000


async def test_bytes_stop_at_the_window_and_go_on_with_acks(open_tab: OpenTab, topics: Topics) -> None:
    tab, flood = await flooded(open_tab, topics, bytes=True)
    assert BYTE_WINDOW - 200_000 <= flood.sent <= BYTE_WINDOW
    stopped = flood.sent
    await tab.send("ack", ch=1, n=300_000)
    await waits(flood, beyond=stopped)
    assert flood.sent <= stopped + 300_000


async def test_a_browser_that_asks_but_never_reads_is_closed(
    open_tab: OpenTab, topics: Topics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dockerui.ws.session.FRAMES_PER_SECOND", 1_000_000)
    tab, _ = await flooded(open_tab, topics)
    for _ in range(TEXT_WINDOW // len('{"ev":"pong"}') + 1000):
        await tab.send("ping")
    assert await tab.code() == 1008
