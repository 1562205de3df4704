"""The log reader alone: 500,000 lines of 100 bytes with timestamps, against `docker logs` to nothing."""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess

from benchmarks import engine as bench
from benchmarks.measure import Result, alternate, report, wall
from dockerui.engine import Engine
from dockerui.engine.aio import AsyncEngine
from dockerui.streams import LogChunk, LogOptions, LogSource

LINES, WIDTH, ROUNDS = 500_000, 100, 7


async def read(engine: Engine, id: str) -> int:
    """Read the whole log; the number of records."""
    source = LogSource(AsyncEngine(engine), id, LogOptions(follow=False))
    return sum([item.count async for item in source.read() if isinstance(item, LogChunk)])


def main() -> None:
    """Measure wall time and CPU time of both sides."""
    engine = bench.connect()
    with bench.log_of(engine, LINES, WIDTH) as id:
        cli_env = {**os.environ, "DOCKER_HOST": str(engine.endpoint)}
        cpu: dict[str, list[float]] = {"ours": [], "cli": []}

        def ours() -> float:
            before = resource.getrusage(resource.RUSAGE_SELF)
            seconds = wall(lambda: asyncio.run(check(engine, id)))
            after = resource.getrusage(resource.RUSAGE_SELF)
            cpu["ours"].append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
            return seconds

        def cli() -> float:
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            command = ["docker", "logs", id]
            seconds = wall(
                lambda: subprocess.run(command, stdout=subprocess.DEVNULL, env=cli_env, check=True)
            )
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu["cli"].append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
            return seconds

        took = alternate(ROUNDS, {"ours": ours, "cli": cli})
    used = {side: sorted(values)[len(values) // 2] for side, values in cpu.items()}
    rates = {side: LINES / seconds for side, seconds in took.items()}
    report(
        [
            Result(
                "log lines a second, against docker logs",
                "lines/s",
                rates["ours"],
                rates["cli"],
                rates["ours"] / rates["cli"],
                bar=1.0,
                aim=1.2,
                higher_is_better=True,
            ),
            Result(
                "CPU of the log reader, against the docker CLI",
                "s",
                used["ours"],
                used["cli"],
                used["ours"] / used["cli"],
                bar=0.7,
                aim=0.5,
                higher_is_better=False,
            ),
        ]
    )


async def check(engine: Engine, id: str) -> None:
    """Read and make sure that nothing is missing."""
    found = await read(engine, id)
    if found != LINES:
        raise AssertionError(f"{found} of {LINES} lines")


if __name__ == "__main__":
    main()
