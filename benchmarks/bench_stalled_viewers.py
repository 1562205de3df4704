"""Viewers that stop reading amid a 256 MiB log: what each costs the server, and what the others notice."""

from __future__ import annotations

import asyncio

from benchmarks import engine as bench
from benchmarks import server as serving
from benchmarks.bench_event_fanout import measure, raw
from benchmarks.measure import Result, percentile, report, scaled

LINES, WIDTH = scaled(1_342_177, 100_000), 200  # 256 MiB
STALLED = 8


def main() -> None:
    """Open, stall, weigh."""
    engine = bench.connect()
    with (
        bench.log_of(engine, LINES, WIDTH) as container,
        bench.container(engine, "sleep", "3600") as other,
        serving.running(engine) as server,
    ):
        warm = measure(engine, server, other, 1)
        before = serving.memory(server.process.pid)
        tabs = [server.tab() for _ in range(STALLED)]
        for tab in tabs:
            args = {"id": container, "stdout": True, "stderr": True, "tail": "all", "follow": False}
            tab.send("open", ch=1, topic="logs", args=args)
        beside = measure(engine, server, other, 1)
        each = (serving.memory(server.process.pid) - before) / STALLED
        reference = percentile(asyncio.run(raw(engine, other)), 0.99)
        for tab in tabs:
            tab.close()
    quiet, loud = percentile(warm, 0.99), percentile(beside, 0.99)
    report(
        [
            Result("memory per stalled viewer of a flood", "MiB", each, 256.0, each, 2.0, 0.5, False),
            Result(
                "another viewer's event p99 meanwhile",
                "ms",
                loud,
                max(quiet, reference),
                loud - quiet,
                5.0,
                2.0,
                False,
            ),
        ]
    )


if __name__ == "__main__":
    main()
