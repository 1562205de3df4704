"""What sampling 100 containers costs: our CPU while streaming, and the Engine's while nobody looks."""

from __future__ import annotations

import asyncio
import time

from benchmarks import engine as bench
from benchmarks.measure import Result, report, scaled
from dockerui.engine import Engine
from dockerui.engine.aio import AsyncEngine
from dockerui.streams import EventFeed, Hub, StatsFeed, StatsSampler

CONTAINERS, SPAN = scaled(100, 5), scaled(20.0, 2.0)


async def spent(times: bench.ProcessTimes, seconds: float) -> tuple[float, float]:
    """Percent of a core that the Engine and we use during `seconds`."""
    engine_before, own_before, start = times.seconds(), time.process_time(), time.perf_counter()
    await asyncio.sleep(seconds)
    took = time.perf_counter() - start
    return (times.seconds() - engine_before) / took * 100, (time.process_time() - own_before) / took * 100


async def measure(engine: Engine, ids: list[str]) -> list[Result]:
    """Idle, streaming everything, sampling slowly."""
    times, aengine, hub = bench.ProcessTimes(engine), AsyncEngine(engine), Hub()
    events, feed = EventFeed(aengine, hub), StatsFeed(aengine, linger=0)
    await asyncio.sleep(3)
    idle, _ = await spent(times, SPAN)
    watch = feed.watch(ids)

    async def drain() -> None:
        async for _ in watch:
            pass

    draining = asyncio.create_task(drain())
    await asyncio.sleep(5)
    streaming, own = await spent(times, SPAN)
    watch.close()
    await draining
    sampler = asyncio.create_task(StatsSampler(feed, aengine, events).run())
    await asyncio.sleep(20)
    slow, _ = await spent(times, SPAN * 2)
    sampler.cancel()
    await asyncio.gather(sampler, return_exceptions=True)
    await feed.aclose()
    await hub.aclose()
    share = (slow - idle) / (streaming - idle)
    ours = f"reading the samples of {len(ids)} running containers, our CPU"
    return [
        Result(ours, "% of a core", own, streaming, own, bar=5.0, aim=2.0, higher_is_better=False),
        Result(
            "the Engine's CPU for history while nobody looks, against streaming",
            "% of a core",
            slow - idle,
            streaming - idle,
            share,
            bar=0.2,
            aim=0.15,
            higher_is_better=False,
        ),
    ]


def main() -> None:
    """Start the containers, measure, remove them."""
    engine = bench.connect()
    with bench.many(engine, CONTAINERS, start=True) as ids:
        results = asyncio.run(measure(engine, ids))
    report(results)


if __name__ == "__main__":
    main()
