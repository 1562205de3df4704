"""A log that several tabs follow, on the real Engine: one stream, nothing lost, and nobody waits."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from dockerui.access import Actor
from dockerui.engine.aio import AsyncEngine, ByteStream
from dockerui.engine.protocol.logline import split_line
from dockerui.ws import keeper
from tests.support.engine import MakeContainer
from tests.ws.conftest import VIEWER, OpenTab
from tests.ws.log_tab import LogTab

pytestmark = pytest.mark.usefixtures("here")

COUNTING = "i=0; while :; do i=$((i+1)); echo $i; [ $((i % 50)) = 0 ] && usleep 10000; done"


@pytest.fixture
def streams(monkeypatch: pytest.MonkeyPatch) -> list[ByteStream]:
    """Every log stream that is opened."""
    opened: list[ByteStream] = []
    real = AsyncEngine.container_logs

    async def container_logs(self: AsyncEngine, id: str, **args: Any) -> ByteStream:
        stream = await real(self, id, **args)
        opened.append(stream)
        return stream

    monkeypatch.setattr(AsyncEngine, "container_logs", container_logs)
    return opened


def running(streams: list[ByteStream]) -> int:
    return sum(not stream.closed for stream in streams)


async def follow(open_tab: OpenTab, id: str, **args: Any) -> LogTab:
    tab = LogTab(await open_tab())
    await tab.open(id, follow=True, **args)
    return tab


@pytest.mark.parametrize("tty", [False, True])
async def test_tabs_that_follow_a_busy_log_share_one_stream_and_miss_nothing(
    open_tab: OpenTab, make_container: MakeContainer, streams: list[ByteStream], tty: bool
) -> None:
    id = make_container("sh", "-c", COUNTING, tty=tty)
    tabs = [await follow(open_tab, id, tail=10 * (n + 1)) for n in range(4)]
    numbers = numbers_of_tty if tty else numbers_of
    async with asyncio.timeout(30):
        # What is never taken from a tab would fill its window.
        while running(streams) > 1 or any(len(numbers(tab)) < 500 for tab in tabs):
            await asyncio.gather(*(tab.step() for tab in tabs))
    assert len(streams) == len(tabs)
    for tab in tabs:
        found = numbers(tab)
        assert found == list(range(found[0], found[0] + len(found)))
        assert not [event for event in tab.events if event["ev"] == "gap"]


async def test_a_tab_that_does_not_read_is_told_what_it_missed_and_can_fetch_it(
    open_tab: OpenTab, make_container: MakeContainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dockerui.streams.follow.QUEUE", 64 << 10)
    monkeypatch.setattr("dockerui.streams.follow.SMALLEST_QUEUE", 64 << 10)
    id = make_container("sh", "-c", COUNTING)
    slow = await follow(open_tab, id, tail=1, window=64 << 10)
    fast = await follow(open_tab, id, tail=1)
    await slow.event("caught_up")
    slow.acknowledge = False
    while not await slow.tab.silent(0.3):
        await slow.step()
    await fast.lines(10_000)
    slow.acknowledge = True
    await slow.tab.send("ack", ch=1, n=len(slow.raw))
    gap = await slow.event("gap")
    await slow.lines(len(numbers_of(slow)) + 1)
    found = numbers_of(slow)
    assert numbers_of(fast) == list(range(numbers_of(fast)[0], numbers_of(fast)[-1] + 1))
    breaks = [i for i in range(1, len(found)) if found[i] != found[i - 1] + 1]
    missing = found[breaks[0]] - found[breaks[0] - 1] - 1
    assert missing == gap["count"] > 0
    again = LogTab(await open_tab())
    await again.open(id, since=gap["first"], until=gap["last"])
    await again.event("end")
    assert set(range(found[breaks[0] - 1] + 1, found[breaks[0]])) <= set(numbers_of(again))


def numbers_of(tab: LogTab) -> list[int]:
    return [int(text) for text in tab.texts()]


def numbers_of_tty(tab: LogTab) -> list[int]:
    lines = tab.raw.split(b"\n")[:-1]
    return [int(split_line(line)[1].rstrip(b"\r")) for line in lines]


async def test_who_loses_the_permission_gets_nothing_more_of_a_shared_log(
    open_tab: OpenTab,
    make_container: MakeContainer,
    streams: list[ByteStream],
    actors: dict[str, Actor],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keeper, "CHECK_EVERY", 0.02)
    id = make_container("sh", "-c", COUNTING)
    first = LogTab(await open_tab(VIEWER))
    await first.open(id, follow=True, tail=10)
    await first.event("caught_up")  # the stream that is shared was opened in its name
    other = await follow(open_tab, id, tail=10)
    async with asyncio.timeout(15):
        while running(streams) > 1 or len(streams) < 2:
            await asyncio.gather(first.step(), other.step())
    actors[VIEWER.session_key] = replace(VIEWER, permissions=frozenset())
    assert await first.tab.code() == 4403
    assert await first.tab.silent(0.2)
    await other.lines(len(numbers_of(other)) + 500)
    assert (len(streams), running(streams)) == (2, 1)
    found = numbers_of(other)
    assert found == list(range(found[0], found[0] + len(found)))
