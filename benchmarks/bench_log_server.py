"""A log through the whole server: 500,000 lines of 100 bytes to a websocket, against `docker logs`."""

from __future__ import annotations

import os
import resource
import subprocess

from benchmarks import engine as bench
from benchmarks import server as serving
from benchmarks.measure import Result, alternate, report, wall
from benchmarks.server import Server

LINES, WIDTH, ROUNDS = 500_000, 100, 5
ACK = 256 << 10


def read(server: Server, container: str) -> int:
    """Read the whole log as a browser does, acknowledging what was taken; the number of lines."""
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
        elif b'"ev":"end"' in frame[:40] or b'"ev":"error"' in frame[:40]:
            tab.close()
            return lines


def main() -> None:
    """Measure wall time and CPU time of both sides."""
    engine = bench.connect()
    with bench.log_of(engine, LINES, WIDTH) as container, serving.running(engine) as server:
        environment = {**os.environ, "DOCKER_HOST": str(engine.endpoint)}
        cpu: dict[str, list[float]] = {"ours": [], "cli": []}

        def ours() -> float:
            before = serving.cpu_seconds(server.process.pid)
            seconds = wall(lambda: check(read(server, container)))
            cpu["ours"].append(serving.cpu_seconds(server.process.pid) - before)
            return seconds

        def cli() -> float:
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            command = ["docker", "logs", container]
            seconds = wall(
                lambda: subprocess.run(command, stdout=subprocess.DEVNULL, env=environment, check=True)
            )
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu["cli"].append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
            return seconds

        took = alternate(ROUNDS, {"ours": ours, "cli": cli})
    used = {side: sorted(values)[len(values) // 2] for side, values in cpu.items()}
    rate = {side: LINES / seconds for side, seconds in took.items()}
    speed, cost = rate["ours"] / rate["cli"], used["ours"] / used["cli"]
    report(
        [
            Result(
                "log lines through the server", "lines/s", rate["ours"], rate["cli"], speed, 1.0, 1.2, True
            ),
            Result("server CPU for that", "s", used["ours"], used["cli"], cost, 0.7, 0.5, False),
        ]
    )


def check(lines: int) -> None:
    """A fast reader that loses lines is no reader."""
    if lines != LINES:
        raise AssertionError(f"{lines} of {LINES} lines")


if __name__ == "__main__":
    main()
