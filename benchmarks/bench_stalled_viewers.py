"""Viewers that stop reading amid a 256 MiB log: what each costs the server, and what the others notice.

Also of a log that is followed while its container writes as fast as it can: there nobody waits for them.
"""

from __future__ import annotations

import time

from benchmarks import engine as bench
from benchmarks import server as serving
from benchmarks.bench_event_fanout import measure
from benchmarks.bench_followers import Follower
from benchmarks.measure import Result, report, scaled, typical
from benchmarks.server import Server, Tab
from dockerui.engine import Engine

LINES, WIDTH = scaled(1_342_177, 100_000), 200  # 256 MiB
STALLED = 8
ROUNDS = scaled(5, 1)
SETTLE = scaled(5.0, 0.5)


def stall(server: Server, container: str) -> list[Tab]:
    """Viewers that ask for everything and take nothing, once nothing moves any more."""
    tabs = [server.tab() for _ in range(STALLED)]
    for tab in tabs:
        args = {"id": container, "stdout": True, "stderr": True, "tail": "all", "follow": False}
        tab.send("open", ch=1, topic="logs", args=args)
    pid, used, since = server.process.pid, -1.0, time.monotonic()
    while time.monotonic() - since < 1:
        if (now := serving.cpu_seconds(pid)) - used > 0.02:
            used, since = now, time.monotonic()
        time.sleep(0.05)
    return tabs


def following(engine: Engine, server: Server) -> float:
    """MiB for each stalled viewer of a flood that is followed, while another one reads on."""
    with bench.container(engine, "yes", "x" * (WIDTH - 1)) as container:
        reader = Follower(server, container)
        time.sleep(SETTLE)
        before = serving.memory(server.process.pid)
        tabs = [server.tab() for _ in range(STALLED)]
        for tab in tabs:
            tab.send("open", ch=1, topic="logs", args={"id": container, "tail": 100, "follow": True})
        time.sleep(SETTLE)
        lines, each = reader.lines, (serving.memory(server.process.pid) - before) / STALLED
        time.sleep(SETTLE)
        assert reader.lines > lines, "a stalled viewer holds up another"
        reader.leave()
        for tab in tabs:
            tab.close()
    return each


def main() -> None:
    """With stalled viewers and without, in turn."""
    engine = bench.connect()
    quiet: list[list[float]] = []
    loud: list[list[float]] = []
    with (
        bench.log_of(engine, LINES, WIDTH) as container,
        bench.container(engine, "sleep", "3600") as other,
        serving.running(engine) as server,
    ):
        measure(engine, server, other, 1)
        before = serving.memory(server.process.pid)
        for turn in range(ROUNDS):
            quiet.append(measure(engine, server, other, 1))
            tabs = stall(server, container)
            if turn == 0:
                each = (serving.memory(server.process.pid) - before) / STALLED
            loud.append(measure(engine, server, other, 1))
            for tab in tabs:
                tab.close()
        followed = following(engine, server)
    base, ours = typical(quiet, 0.99), typical(loud, 0.99)
    name = "another viewer's event p99 meanwhile"
    report(
        [
            Result("memory per stalled viewer of a flood", "MiB", each, 256.0, each, 2.0, 0.5, False),
            Result(
                "memory per stalled viewer of a flood that is followed",
                "MiB",
                followed,
                0.0,
                followed,
                2.0,
                0.5,
                False,
            ),
            Result(name, "ms", ours, base, ours - base, 5.0, 2.0, False),
        ]
    )


if __name__ == "__main__":
    main()
