"""The stats feed: one stream per container, the latest value wins, gaps where a container does not run."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from typing import Any

from dockerui.engine import Engine
from dockerui.engine.aio import AsyncEngine
from dockerui.engine.protocol.logline import format_time
from dockerui.streams import EventFeed, Hub, StatsFeed, StatsSampler, StatsWatch
from dockerui.streams.stats import Figures
from tests.scripted_engine import Call, ScriptedEngine
from tests.support.engine import MakeContainer

BASE = 1_700_000_000 * 10**9
ZERO = {
    "read": "0001-01-01T00:00:00Z",
    "preread": "0001-01-01T00:00:00Z",
    "cpu_stats": {},
    "precpu_stats": {},
}


def sample(second: int, *, total: int, rx: int = 0) -> dict[str, Any]:
    return {
        "read": format_time(BASE + second * 10**9),
        "preread": "0001-01-01T00:00:00Z",
        "cpu_stats": {
            "cpu_usage": {"total_usage": total},
            "system_cpu_usage": second * 2 * 10**9 + 1,
            "online_cpus": 2,
        },
        "precpu_stats": {},
        "memory_stats": {"usage": 1000, "limit": 4000},
        "networks": {"eth0": {"rx_bytes": rx, "tx_bytes": 0}},
        "pids_stats": {"current": 1},
    }


def lines(*documents: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(document).encode() + b"\n" for document in documents)


async def next_of(watch: StatsWatch) -> Figures:
    async with asyncio.timeout(10):
        return await anext(watch)


async def test_any_number_of_viewers_costs_one_stream(scripted_engine: ScriptedEngine) -> None:
    @scripted_engine.on("GET", "/containers/c/stats")
    async def stats(call: Call) -> None:
        await call.head(then=lines(sample(0, total=0), sample(2, total=10**9, rx=500)))
        await call.wait_gone()

    feed = StatsFeed(scripted_engine.aengine, linger=0)
    watches = [feed.watch(["c"]) for _ in range(20)]
    for watch in watches:
        figures = (await next_of(watch))["c"]
        while figures is None or figures.cpu_percent is None:
            figures = (await next_of(watch))["c"]
        assert (figures.cpu_percent, figures.rx_rate, figures.memory) == (50.0, 250.0, 1000)
    assert len(scripted_engine.seen("/containers/c/stats")) == 1
    for watch in watches:
        watch.close()
    await scripted_engine.until(lambda: scripted_engine.seen("/containers/c/stats")[0].gone.is_set())
    await feed.aclose()


async def test_a_slow_viewer_gets_the_latest_value_only(scripted_engine: ScriptedEngine) -> None:
    done = asyncio.Event()

    @scripted_engine.on("GET", "/containers/c/stats")
    async def stats(call: Call) -> None:
        await call.head(then=lines(*(sample(n, total=n * 10**9) for n in range(50))))
        done.set()
        await call.wait_gone()

    feed = StatsFeed(scripted_engine.aengine)
    watch = feed.watch(["c"])
    await asyncio.wait_for(done.wait(), 5)
    while (latest := feed.latest("c")) is None or latest.read_ns < BASE + 49 * 10**9:
        await asyncio.sleep(0)
    assert await next_of(watch) == {"c": latest}
    await feed.aclose()


async def test_empty_samples_of_a_stopped_container_are_none_and_a_gap(
    scripted_engine: ScriptedEngine,
) -> None:
    more: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    @scripted_engine.on("GET", "/containers/c/stats")
    async def stats(call: Call) -> None:
        await call.head()
        while True:
            await call.send(lines(await more.get()))

    feed = StatsFeed(scripted_engine.aengine)
    watch = feed.watch(["c"])
    for document, known in (
        (sample(0, total=5 * 10**9), True),
        (ZERO, False),
        (sample(5, total=0), True),
        (sample(6, total=10**9), True),
    ):
        more.put_nowait(document)
        figures = (await next_of(watch))["c"]
        assert (figures is not None) is known
    more.put_nowait(ZERO)
    more.put_nowait(ZERO)
    assert await next_of(watch) == {"c": None}
    history = feed.history.query("c", until_ns=BASE + 10**10, seconds=600)
    assert history.columns["memory"] == [1000, None, None, None, None, 1000, 1000]
    assert history.columns["cpu"] == [None] * 6 + [100.0]
    await feed.aclose()


async def test_a_removed_container_is_forgotten(scripted_engine: ScriptedEngine) -> None:
    @scripted_engine.on("GET", "/containers/c/stats")
    async def stats(call: Call) -> None:
        scripted_engine.answers("GET", "/containers/c/stats", {"message": "gone"}, 404)
        await call.head(then=lines(sample(0, total=0)))

    feed = StatsFeed(scripted_engine.aengine)
    watch = feed.watch(["c"])
    seen = [(await next_of(watch))["c"]]
    while seen[-1] is not None:
        seen.append((await next_of(watch))["c"])
    while feed.is_streaming("c"):
        await asyncio.sleep(0.01)
    assert feed.known() == set()
    await feed.aclose()


async def test_a_cut_stream_is_opened_again(scripted_engine: ScriptedEngine) -> None:
    seconds = itertools.count(0, 10)

    @scripted_engine.on("GET", "/containers/c/stats")
    async def stats(call: Call) -> None:
        await call.head(then=lines(sample(next(seconds), total=0)) + b'{"read":')
        call.cut()

    feed = StatsFeed(scripted_engine.aengine)
    watch = feed.watch(["c"])
    known = 0
    while known < 2:
        known += (await next_of(watch))["c"] is not None
    await feed.aclose()


async def test_watching_others_instead_leaves_the_first(scripted_engine: ScriptedEngine) -> None:
    async def stats(call: Call) -> None:
        await call.head(then=lines(sample(0, total=0)))
        await call.wait_gone()

    for id in "abc":
        scripted_engine.on("GET", f"/containers/{id}/stats")(stats)
    feed = StatsFeed(scripted_engine.aengine, linger=0)
    watch = feed.watch("ab")
    got: set[str] = set()
    while got != {"a", "b"}:
        got |= (await next_of(watch)).keys()
    watch.watch("bc")
    assert set(await next_of(watch)) == {"c"}
    await scripted_engine.until(lambda: scripted_engine.seen("/containers/a/stats")[0].gone.is_set())
    assert not scripted_engine.seen("/containers/b/stats")[0].gone.is_set()
    watch.close()
    watch.close()
    await feed.aclose()


async def test_history_is_kept_while_nobody_looks_and_not_sampled_twice_while_somebody_does(
    scripted_engine: ScriptedEngine,
) -> None:
    asked = {"a": 0, "b": 0}
    twice = asyncio.Event()

    async def stats(call: Call) -> None:
        id = call.path.split("/")[2]
        if call.query.get("stream") == "1":
            await call.head(then=lines(sample(0, total=0)))
            await call.wait_gone()
            return
        asked[id] += 1
        if asked["a"] >= 2:
            twice.set()
        await call.head(then=lines(sample(asked[id], total=asked[id] * 10**9)))

    async def events(call: Call) -> None:
        await call.head()
        await call.wait_gone()

    for id in asked:
        scripted_engine.on("GET", f"/containers/{id}/stats")(stats)
    scripted_engine.on("GET", "/events")(events)
    listed = [
        {"Id": "a", "State": "running"},
        {"Id": "b", "State": "running"},
        {"Id": "x", "State": "exited"},
    ]
    scripted_engine.answers("GET", "/containers/json", listed)
    hub = Hub()
    feed = StatsFeed(scripted_engine.aengine)
    sampler = StatsSampler(feed, scripted_engine.aengine, EventFeed(scripted_engine.aengine, hub), period=0.2)
    running = asyncio.create_task(sampler.run())
    with feed.watch(["b"]) as watch:
        await next_of(watch)
        before = asked["b"]
        await asyncio.wait_for(twice.wait(), 10)
        assert asked["b"] <= before + 1
    while not feed.history.query("a", until_ns=BASE + 10**11, seconds=600).columns["cpu"]:
        await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert not scripted_engine.seen("/containers/x/stats")
    await feed.aclose()
    await hub.aclose()
    assert not [t for t in asyncio.all_tasks() if t.get_name().startswith("stats")]


async def test_a_real_container(aengine: AsyncEngine, engine: Engine, make_container: MakeContainer) -> None:
    container = make_container("sh", "-c", "while :; do :; done", HostConfig={"NanoCpus": 200_000_000})
    feed = StatsFeed(aengine)
    with feed.watch([container]) as watch:
        figures = None
        while figures is None or (figures.rx_rate is None and figures.cpu_percent is None):
            figures = (await next_of(watch))[container]
        assert figures.memory is not None
        assert abs(figures.read_ns / 1e9 - time.time()) < 10
        await asyncio.to_thread(engine.container_kill, container)
        while figures is not None:
            figures = (await next_of(watch))[container]
    await feed.aclose()
