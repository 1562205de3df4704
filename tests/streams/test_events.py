"""The event feed: one upstream, a relist whenever events may have been lost, no event twice."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest

from dockerui.engine import Engine
from dockerui.engine.aio import AsyncEngine
from dockerui.engine.protocol.events import Event
from dockerui.streams import Down, EventFeed, FeedItem, Gap, Hub, Resync, Subscription
from tests.scripted_engine import Call, ScriptedEngine
from tests.support.engine import MakeContainer

BASE = 1_700_000_000 * 10**9


def event(n: int) -> bytes:
    document: dict[str, Any] = {
        "Type": "container",
        "Action": "start",
        "Actor": {"ID": f"c{n}", "Attributes": {}},
        "timeNano": BASE + n,
    }
    return json.dumps(document).encode() + b"\n"


def ids(items: list[FeedItem | Gap]) -> list[str]:
    return [item.id for item in items if isinstance(item, Event)]


async def take(viewer: Subscription[FeedItem], count: int) -> list[FeedItem | Gap]:
    async with asyncio.timeout(10):
        return [await anext(viewer) for _ in range(count)]


async def until_event(viewer: Subscription[FeedItem], last: str) -> list[str]:
    """Events to this one. On a slow machine a Resync can be among them: the reader may have stalled."""
    seen: list[str] = []
    async with asyncio.timeout(30):
        while last not in seen:
            seen += ids([await anext(viewer)])
    return seen


async def test_subscribers_share_one_upstream_and_each_begins_with_a_resync(
    scripted_engine: ScriptedEngine,
) -> None:
    @scripted_engine.on("GET", "/events")
    async def events(call: Call) -> None:
        await call.head(then=event(1))
        await call.wait_gone()

    hub = Hub()
    feed = EventFeed(scripted_engine.aengine, hub)
    first = feed.subscribe()
    resync, one = await take(first, 2)
    assert resync == Resync("connected")
    assert isinstance(one, Event)
    late = feed.subscribe()
    assert await take(late, 1) == [Resync("joined")]
    assert len(scripted_engine.seen("/events")) == 1
    assert "since" not in scripted_engine.seen("/events")[0].query
    await hub.aclose()


async def test_it_resumes_without_loss_or_doubles_and_asks_for_a_relist(
    scripted_engine: ScriptedEngine,
) -> None:
    answers = [event(1) + event(3) + event(2), event(1) + event(2) + event(3) + event(4), event(4) + event(5)]

    @scripted_engine.on("GET", "/events")
    async def events(call: Call) -> None:
        await call.head(then=answers.pop(0))
        if not answers:
            await call.wait_gone()

    hub = Hub()
    viewer = EventFeed(scripted_engine.aengine, hub).subscribe()
    items = await take(viewer, 1 + 3 + 2 + 1 + 2 + 1)
    assert ids(items) == ["c1", "c3", "c2", "c4", "c5"]
    assert [type(item) for item in items if not isinstance(item, Event)] == [
        Resync,
        Down,
        Resync,
        Down,
        Resync,
    ]
    assert [call.query.get("since") for call in scripted_engine.seen("/events")[1:]] == [
        "1699999998.000000003",
        "1699999998.000000004",
    ]
    await hub.aclose()


async def test_an_engine_that_restarts_as_another_version_is_asked_anew(
    scripted_engine: ScriptedEngine,
) -> None:
    @scripted_engine.on("GET", "/events")
    async def events(call: Call) -> None:
        await call.head()
        await call.wait_gone()

    hub = Hub()
    viewer = EventFeed(scripted_engine.aengine, hub).subscribe()
    await take(viewer, 1)
    await scripted_engine.stop()
    (down,) = await take(viewer, 1)
    assert isinstance(down, Down)
    scripted_engine.version["ApiVersion"] = "1.30"
    await scripted_engine.start()
    assert await take(viewer, 1) == [Resync("connected")]
    assert str(scripted_engine.engine.version) == "1.30"
    await hub.aclose()


async def test_who_joins_while_the_engine_is_away_is_told(scripted_engine: ScriptedEngine) -> None:
    await scripted_engine.stop()
    hub = Hub()
    feed = EventFeed(scripted_engine.aengine, hub)
    (first,) = await take(feed.subscribe(), 1)
    (second,) = await take(feed.subscribe(), 1)
    assert isinstance(first, Down)
    assert first == second
    await hub.aclose()


async def test_a_stall_of_this_process_asks_for_a_relist(scripted_engine: ScriptedEngine) -> None:
    go = asyncio.Event()

    @scripted_engine.on("GET", "/events")
    async def events(call: Call) -> None:
        await call.head(then=event(0))
        await go.wait()
        await call.send(b"".join(map(event, range(1, 201))))
        await call.wait_gone()

    hub = Hub()
    viewer = EventFeed(scripted_engine.aengine, hub).subscribe()
    await take(viewer, 2)
    go.set()
    time.sleep(0.15)  # the loop does not run: this is the fault under test
    items = await take(viewer, 201)
    assert items[0] == Resync("stalled")
    assert ids(items) == [f"c{n}" for n in range(1, 201)]
    await hub.aclose()


async def test_garbage_from_the_engine_is_told_and_tried_again(scripted_engine: ScriptedEngine) -> None:
    answers = [event(1) + b"garbage\n", event(2)]

    @scripted_engine.on("GET", "/events")
    async def events(call: Call) -> None:
        await call.head(then=answers.pop(0))
        await call.wait_gone()

    hub = Hub()
    viewer = EventFeed(scripted_engine.aengine, hub).subscribe()
    items = await take(viewer, 4)
    assert [type(item) for item in items] == [Resync, Down, Resync, Event]
    assert "since" not in scripted_engine.seen("/events")[1].query
    await hub.aclose()


async def test_nothing_is_left_when_the_last_subscriber_goes(scripted_engine: ScriptedEngine) -> None:
    @scripted_engine.on("GET", "/events")
    async def events(call: Call) -> None:
        await call.head()
        await call.wait_gone()

    hub = Hub()
    with EventFeed(scripted_engine.aengine, hub, linger=0).subscribe() as viewer:
        await take(viewer, 1)
    await scripted_engine.until(lambda: scripted_engine.seen("/events")[0].gone.is_set())
    assert len(hub) == 0
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "hub source" and not task.done()]


async def test_a_change_on_the_real_engine_arrives_once(
    aengine: AsyncEngine, engine: Engine, make_container: MakeContainer
) -> None:
    hub = Hub()
    with EventFeed(aengine, hub).subscribe() as viewer:
        assert await take(viewer, 1) == [Resync("connected")]
        container = make_container(start=False)
        await asyncio.to_thread(engine.container_remove, container)
        seen: list[str] = []
        async with asyncio.timeout(10):
            async for item in viewer:
                if isinstance(item, Event) and item.id == container:
                    seen.append(item.action)
                    if item.action == "destroy":
                        break
    assert seen == ["create", "destroy"]
    await hub.aclose()


@pytest.mark.parametrize("viewers", [200])
async def test_many_viewers_get_every_event(scripted_engine: ScriptedEngine, viewers: int) -> None:
    go = asyncio.Event()

    @scripted_engine.on("GET", "/events")
    async def events(call: Call) -> None:
        await call.head()
        await go.wait()
        for n in range(300):
            await call.send(event(n))
        await call.wait_gone()

    hub = Hub()
    feed = EventFeed(scripted_engine.aengine, hub)
    subscriptions = [feed.subscribe() for _ in range(viewers)]
    await asyncio.gather(*(take(viewer, 1) for viewer in subscriptions))
    go.set()
    for seen in await asyncio.gather(*(until_event(viewer, "c299") for viewer in subscriptions)):
        assert seen == [f"c{n}" for n in range(300)]
    assert len(scripted_engine.seen("/events")) == 1
    await hub.aclose()
