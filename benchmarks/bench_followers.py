"""What ten tabs that follow a busy log cost the Engine, against one `docker logs --follow`.

The container's own writing is taken off both sides. A log that was read once for each tab would cost ten
times as much.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator

from benchmarks import engine as bench
from benchmarks import server as serving
from benchmarks.measure import Result, report, scaled
from benchmarks.server import Server, Tab
from dockerui.engine import Engine

TABS = 10
SPAN = scaled(10.0, 1.0)
ROUNDS = scaled(3, 1)
# About five thousand lines a second.
WRITER = "while :; do yes $(printf %100s x | tr ' ' x) | head -n 50; usleep 8000; done"


class Follower:
    """A tab that shows the log and acknowledges what it took."""

    def __init__(self, server: Server, container: str) -> None:
        self._tab = server.tab()
        self._over = False
        self.lines = 0
        self.missed = 0
        args = {"id": container, "tail": 100, "follow": True}
        self._tab.send("open", ch=1, topic="logs", args=args)
        self._thread = threading.Thread(target=self._read, args=(self._tab,), daemon=True)
        self._thread.start()

    def leave(self) -> None:
        """Close the tab."""
        self._over = True
        self._thread.join()
        self._tab.close()

    def _read(self, tab: Tab) -> None:
        while not self._over:
            frame = tab.frame()
            if frame[:1] == b"\x01":
                self.lines += frame.count(b"\n")
                tab.send("ack", ch=1, n=len(frame) - 1)
            elif (message := json.loads(frame))["ev"] == "gap":
                self.missed += message["count"]


@contextlib.contextmanager
def docker_logs(engine: Engine, container: str) -> Iterator[None]:
    """`docker logs --follow`, to nothing."""
    command = ["docker", "logs", "--follow", "--timestamps", "--tail", "100", container]
    environment = {**os.environ, "DOCKER_HOST": str(engine.endpoint)}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
    try:
        yield
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def tabs(server: Server, container: str) -> Iterator[None]:
    """Ten tabs that have every line."""
    followers = [Follower(server, container) for _ in range(TABS)]
    try:
        yield
    finally:
        for follower in followers:
            follower.leave()
        assert all(follower.lines and not follower.missed for follower in followers)


def main() -> None:
    """Nobody, one `docker logs`, ten tabs, in turn."""
    engine = bench.connect()
    times = bench.ProcessTimes(engine)
    shares: dict[str, list[float]] = {"nobody": [], "docker logs": [], "tabs": []}

    def share() -> float:
        time.sleep(SPAN / 5)
        before, start = times.seconds(), time.perf_counter()
        time.sleep(SPAN)
        return (times.seconds() - before) / (time.perf_counter() - start) * 100

    with bench.container(engine, "sh", "-c", WRITER) as container, serving.running(engine) as server:
        sides: dict[str, Callable[[], contextlib.AbstractContextManager[None]]] = {
            "nobody": contextlib.nullcontext,
            "docker logs": lambda: docker_logs(engine, container),
            "tabs": lambda: tabs(server, container),
        }
        for _ in range(ROUNDS):
            for name, side in sides.items():
                with side():
                    shares[name].append(share())
    nobody, reference, ours = (statistics.median(values) for values in shares.values())
    name = f"the Engine's CPU for {TABS} tabs that follow a log, against one docker logs"
    ratio = (ours - nobody) / max(reference - nobody, 0.1)
    report([Result(name, "% of a core", ours - nobody, reference - nobody, ratio, 2.0, 1.2, False)])


if __name__ == "__main__":
    main()
