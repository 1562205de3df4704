"""What our server spends while somebody watches the figures of 100 running containers.

The reference is the same server without a viewer, which samples slowly for the history.
"""

from __future__ import annotations

import threading
import time

from benchmarks import engine as bench
from benchmarks import server as serving
from benchmarks.measure import Result, report, scaled
from benchmarks.server import Server, Tab

CONTAINERS = scaled(100, 5)
SETTLE = scaled(10.0, 3.0)
SPAN = scaled(30.0, 3.0)
VIEWERS = (1, 10)


def share(server: Server) -> float:
    """Per cent of a core that the server uses."""
    time.sleep(SETTLE)
    before, start = serving.cpu_seconds(server.process.pid), time.perf_counter()
    time.sleep(SPAN)
    used = serving.cpu_seconds(server.process.pid) - before
    return used / (time.perf_counter() - start) * 100


class Watcher:
    """A tab that shows the figures of all containers."""

    def __init__(self, server: Server, ids: list[str]) -> None:
        self._tab = server.tab()
        self._over = False
        self._tab.send("open", ch=1, topic="stats", args={"ids": ids})
        self.seen: set[str] = set()
        self._thread = threading.Thread(target=self._look, args=(self._tab,), daemon=True)
        self._thread.start()

    def leave(self) -> None:
        """Close the tab."""
        self._over = True
        self._thread.join()
        self._tab.close()

    def _look(self, tab: Tab) -> None:
        while not self._over:
            self.seen |= {id for id, row in tab.message("usage")["rows"].items() if row}


def watched(server: Server, ids: list[str], viewers: int) -> float:
    """Per cent of a core with so many viewers."""
    watchers = [Watcher(server, ids) for _ in range(viewers)]
    used = share(server)
    for watcher in watchers:
        watcher.leave()
        assert watcher.seen == set(ids), f"figures of {len(watcher.seen)} of {len(ids)} containers"
    return used


def main() -> None:
    """Nobody, one, ten."""
    engine = bench.connect()
    with bench.many(engine, CONTAINERS, start=True) as ids, serving.running(engine) as server:
        idle = share(server)
        used = {viewers: watched(server, ids, viewers) for viewers in VIEWERS}
    name = f"stats of {CONTAINERS} running containers, our CPU with viewers: "
    report(
        [
            Result(f"{name}{viewers}", "% of a core", value, idle, value, 5.0, 2.0, False)
            for viewers, value in used.items()
        ]
    )


if __name__ == "__main__":
    main()
