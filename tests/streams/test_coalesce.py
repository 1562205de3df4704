"""Pieces for a websocket: a lone line at once, many small pieces together, and every byte in its place."""

from __future__ import annotations

import asyncio
from pathlib import Path

from dockerui.engine.aio.fine_timer import FineTimer
from dockerui.streams import Coalescer
from dockerui.streams.coalesce import LARGEST, LONGEST
from tests.scripted_engine import Call, ScriptedEngine


async def test_lone_lines_go_at_once(scripted_engine: ScriptedEngine) -> None:
    told = asyncio.Event()

    @scripted_engine.on("GET", "/containers/c/logs")
    async def logs(call: Call) -> None:
        for n in range(8):
            await (call.head(then=b"line 0\n") if n == 0 else call.send(b"line %d\n" % n))
            await told.wait()
            told.clear()

    async with await scripted_engine.aengine.container_logs("c") as stream:
        n = 0
        async for piece in Coalescer(stream).pieces():
            assert piece == b"line %d\n" % n
            n += 1
            told.set()
    assert n == 8


async def test_many_small_pieces_are_sent_together_and_nothing_is_lost(
    scripted_engine: ScriptedEngine,
) -> None:
    lines = [b"line %06d\n" % n for n in range(3000)]

    @scripted_engine.on("GET", "/containers/c/logs")
    async def logs(call: Call) -> None:
        await call.head()
        for line in lines:
            await call.send(line)
            await asyncio.sleep(0)

    async with await scripted_engine.aengine.container_logs("c") as stream:
        pieces = [piece async for piece in Coalescer(stream).pieces()]
    assert b"".join(pieces) == b"".join(lines)
    assert len(pieces) < len(lines) / 10


async def test_pieces_stay_within_bounds(scripted_engine: ScriptedEngine) -> None:
    @scripted_engine.on("GET", "/containers/c/logs")
    async def logs(call: Call) -> None:
        await call.head()
        for _ in range(40):
            await call.send(b"x" * 300_000)

    async with await scripted_engine.aengine.container_logs("c") as stream:
        sizes = [len(piece) async for piece in Coalescer(stream).pieces()]
    assert sum(sizes) == 40 * 300_000
    assert max(sizes) < LARGEST + 65536


async def test_a_fine_timer_sleeps_shorter_than_asyncio_can_and_gives_its_descriptor_back() -> None:
    files = len(list(Path("/proc/self/fd").iterdir()))
    timer, loop = FineTimer(), asyncio.get_running_loop()
    shortest = LONGEST
    for _ in range(50):
        start = loop.time()
        await timer.sleep(0.0003)
        shortest = min(shortest, loop.time() - start)
    assert 0.0003 <= shortest < 0.001
    sleeping = asyncio.create_task(timer.sleep(10))
    await asyncio.sleep(0)
    sleeping.cancel()
    await asyncio.gather(sleeping, return_exceptions=True)
    timer.close()
    timer.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == files
