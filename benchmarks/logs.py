"""Whole logs: the docker CLI's side, a tab's side, and how the two are compared."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
from collections.abc import Callable

from benchmarks.measure import Result, alternate, scaled, wall
from benchmarks.server import Server
from dockerui.engine import Engine

LINES = scaled(500_000, 20_000)
WIDTH = 100
ROUNDS = scaled(7, 1)
ACK = 256 << 10


def against_cli(
    engine: Engine, id: str, side: str, read: Callable[[], object], cpu: Callable[[], float]
) -> list[Result]:
    """Lines a second and CPU time of `read`, which is called `side`, against `docker logs`.

    `cpu` tells the CPU seconds that our side has used so far.
    """
    used: dict[str, list[float]] = {"ours": [], "cli": []}

    def ours() -> float:
        before = cpu()
        seconds = wall(read)
        used["ours"].append(cpu() - before)
        return seconds

    def cli() -> float:
        before = children_cpu()
        seconds = wall(lambda: docker_logs(engine, id))
        used["cli"].append(children_cpu() - before)
        return seconds

    rate = {name: LINES / took for name, took in alternate(ROUNDS, {"ours": ours, "cli": cli}).items()}
    cost = {name: statistics.median(values) for name, values in used.items()}
    speed, share = rate["ours"] / rate["cli"], cost["ours"] / max(cost["cli"], 1e-9)
    lines = f"log lines {side}, against docker logs"
    return [
        Result(lines, "lines/s", rate["ours"], rate["cli"], speed, 1.0, 1.2, True),
        Result(f"CPU of log lines {side}", "s", cost["ours"], cost["cli"], share, 0.7, 0.5, False),
    ]


def docker_logs(engine: Engine, id: str) -> None:
    """`docker logs`, to nothing."""
    environment = {**os.environ, "DOCKER_HOST": str(engine.endpoint)}
    subprocess.run(["docker", "logs", id], stdout=subprocess.DEVNULL, env=environment, check=True)


def children_cpu() -> float:
    """CPU seconds of the processes that have been waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def read(server: Server, container: str) -> None:
    """Read the whole log as a browser does, acknowledging what was taken."""
    tab = server.tab()
    args = {"id": container, "stdout": True, "stderr": True, "tail": "all", "follow": False}
    tab.send("open", ch=1, topic="logs", args=args)
    lines = taken = 0
    while True:
        frame = tab.frame()
        if frame[:1] == b"\x01":
            lines += frame.count(b"\n")
            taken += len(frame) - 1
            if taken >= ACK:
                tab.send("ack", ch=1, n=taken)
                taken = 0
        elif json.loads(frame)["ev"] in ("end", "error"):
            tab.close()
            complete(lines)
            return


def complete(lines: int) -> None:
    """A fast reader that loses lines is no reader."""
    if lines != LINES:
        raise AssertionError(f"{lines} of {LINES} lines")
