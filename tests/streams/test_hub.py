"""The hub: one upstream for all, nobody waits for a slow viewer, nothing is left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from dockerui.engine.errors import EngineUnavailable, NotFound
from dockerui.streams import Gap, Hub, Measure, Source, Subscription

NUMBERS: Measure[int] = Measure(size=lambda n: 10, gap=lambda n: Gap(1, n, n))


class Upstream:
    """A source of numbers under the test's control."""

    def __init__(self) -> None:
        self.started = self.running = 0
        self.inbox: asyncio.Queue[int | BaseException | None] = asyncio.Queue()
        self.changed = asyncio.Event()

    async def read(self) -> AsyncGenerator[int, None]:
        self.started += 1
        self.running += 1
        self.changed.set()
        try:
            while (item := await self.inbox.get()) is not None:
                if isinstance(item, BaseException):
                    raise item
                yield item
        finally:
            self.running -= 1
            self.changed.set()

    async def until_running(self, wanted: int) -> None:
        async with asyncio.timeout(5):
            while self.running != wanted:
                self.changed.clear()
                await self.changed.wait()

    async def say(self, *items: int | BaseException | None) -> None:
        for item in items:
            self.inbox.put_nowait(item)
        for _ in range(3 + len(items)):
            await asyncio.sleep(0)


@pytest.fixture
def upstream() -> Upstream:
    return Upstream()


def source(upstream: Upstream, *, linger: float = 0.0, queue: int = 1000, replay: int = 0) -> Source[int]:
    return Source(upstream.read, NUMBERS, replay=replay, queue=queue, linger=linger)


async def take(viewer: Subscription[int], count: int) -> list[int | Gap]:
    async with asyncio.timeout(5):
        return [await anext(viewer) for _ in range(count)]


async def test_many_viewers_share_one_upstream(upstream: Upstream) -> None:
    hub = Hub()
    viewers = [hub.subscribe("k", source(upstream)) for _ in range(50)]
    await upstream.say(1, 2, 3)
    assert [await take(viewer, 3) for viewer in viewers] == [[1, 2, 3]] * 50
    assert (upstream.started, upstream.running, len(hub)) == (1, 1, 1)
    await hub.aclose()
    assert upstream.running == 0


async def test_a_slow_viewer_loses_its_oldest_items_and_is_told_while_others_lose_nothing(
    upstream: Upstream,
) -> None:
    hub = Hub()
    slow = hub.subscribe("k", source(upstream, queue=50))
    fast = hub.subscribe("k", source(upstream, queue=50))
    seen: list[int | Gap] = []

    async def follow() -> None:
        async for item in fast:
            seen.append(item)

    following = asyncio.create_task(follow())
    for n in range(100, 200):
        await upstream.say(n)
    assert seen == list(range(100, 200))
    assert slow.queued <= 50
    assert await take(slow, 6) == [Gap(95, 100, 194), 195, 196, 197, 198, 199]
    await hub.aclose()
    await following


async def test_a_gap_comes_before_the_items_that_follow_it_in_a_batch_too(upstream: Upstream) -> None:
    hub = Hub()
    viewer = hub.subscribe("k", source(upstream, queue=20))
    await upstream.say(1, 2, 3, 4)
    assert await viewer.batch() == [Gap(2, 1, 2), 3, 4]
    await hub.aclose()
    assert await viewer.batch() == []


async def test_a_late_joiner_gets_the_latest_items(upstream: Upstream) -> None:
    hub = Hub()
    first = hub.subscribe("k", source(upstream, replay=30))
    await upstream.say(1, 2, 3, 4, 5)
    late = hub.subscribe("k", source(upstream, replay=30))
    await upstream.say(6)
    assert await take(late, 4) == [3, 4, 5, 6]
    assert await take(first, 6) == [1, 2, 3, 4, 5, 6]
    await hub.aclose()


async def test_the_upstream_stops_after_its_last_viewer_and_starts_again(upstream: Upstream) -> None:
    hub = Hub()
    with hub.subscribe("k", source(upstream)) as viewer, hub.subscribe("k", source(upstream)):
        await upstream.say(1)
        assert await take(viewer, 1) == [1]
    await upstream.until_running(0)
    assert len(hub) == 0
    with hub.subscribe("k", source(upstream)):
        await upstream.until_running(1)
    assert upstream.started == 2
    await hub.aclose()


async def test_the_upstream_lingers_for_a_viewer_that_comes_right_back(upstream: Upstream) -> None:
    hub = Hub()
    hub.subscribe("k", source(upstream, linger=60)).close()
    viewer = hub.subscribe("k", source(upstream, linger=60))
    await upstream.say(7)
    assert await take(viewer, 1) == [7]
    assert upstream.started == 1
    viewer.close()
    await hub.aclose()
    assert upstream.running == 0


async def test_the_end_reaches_viewers_after_everything_queued(upstream: Upstream) -> None:
    hub = Hub()
    viewer = hub.subscribe("k", source(upstream))
    await upstream.say(1, 2, None)
    assert [item async for item in viewer] == [1, 2]
    assert len(hub) == 0


async def test_a_failure_that_will_not_pass_reaches_all_viewers(upstream: Upstream) -> None:
    hub = Hub()
    viewers = [hub.subscribe("k", source(upstream)) for _ in range(2)]
    await upstream.say(1, NotFound(404, "no such container"))
    for viewer in viewers:
        assert await take(viewer, 1) == [1]
        with pytest.raises(NotFound):
            await anext(viewer)
    assert len(hub) == 0


async def test_a_failure_that_may_pass_is_tried_again(upstream: Upstream) -> None:
    hub = Hub()
    viewer = hub.subscribe("k", source(upstream))
    await upstream.say(1, EngineUnavailable("restarting"), 2)
    assert await take(viewer, 2) == [1, 2]
    assert upstream.started == 2
    await hub.aclose()


async def test_closing_wakes_whoever_waits(upstream: Upstream) -> None:
    hub = Hub()
    viewer = hub.subscribe("k", source(upstream))
    waiting = asyncio.create_task(viewer.batch())
    await upstream.say()
    viewer.close()
    viewer.close()
    assert await waiting == []
    await hub.aclose()


async def test_a_cancelled_reader_loses_nothing(upstream: Upstream) -> None:
    hub = Hub()
    viewer = hub.subscribe("k", source(upstream))
    waiting = asyncio.create_task(anext(viewer))
    await upstream.say()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await upstream.say(5)
    assert await take(viewer, 1) == [5]
    await hub.aclose()
