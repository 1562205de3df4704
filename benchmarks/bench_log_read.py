"""The log reader alone: 500,000 lines of 100 bytes with timestamps, against `docker logs` to nothing."""

from __future__ import annotations

import asyncio
import time

from benchmarks import engine as bench
from benchmarks import logs
from benchmarks.measure import report
from dockerui.engine import Engine
from dockerui.engine.aio import AsyncEngine
from dockerui.streams import Coalescer


async def read(engine: Engine, id: str) -> None:
    """Read the whole log as the log view's topic does."""
    async with await AsyncEngine(engine).container_logs(id, timestamps=True) as stream:
        logs.complete(sum([piece.count(b"\n") async for piece in Coalescer(stream).pieces()]))


def main() -> None:
    """Wall time and CPU time of both sides."""
    engine = bench.connect()
    with bench.log_of(engine, logs.LINES, logs.WIDTH) as id:
        results = logs.against_cli(
            engine, id, "through the client", lambda: asyncio.run(read(engine, id)), time.process_time
        )
    report(results)


if __name__ == "__main__":
    main()
