"""From the Engine's event to every viewer's websocket, for 1, 100 and 500 viewers of the events page.

The reference is one raw reader of `GET /events`. Times are from the Engine's own stamp.
"""

from __future__ import annotations

import asyncio
import json
import select
import time

from benchmarks import engine as bench
from benchmarks import server as serving
from benchmarks.measure import Result, percentile, report, scaled
from benchmarks.server import Server, Tab
from dockerui.engine import Engine
from dockerui.engine.aio import AsyncEngine

BARS = {1: (10.0, 4.0), 100: (40.0, 15.0), 500: (150.0, 60.0)}  # and aims, in ms, by viewers
VIEWERS = scaled(BARS, {1: BARS[1], 100: BARS[100]})
EVENTS = scaled(40, 5)


class Crowd:
    """Many viewers in one thread."""

    def __init__(self, server: Server, size: int) -> None:
        self.tabs = [server.tab() for _ in range(size)]
        for tab in self.tabs:
            tab.send("open", ch=1, topic="events", args={})
        for tab in self.tabs:
            tab.message("live")
        self._poll = select.epoll()
        self._by_fd = {tab.fileno(): tab for tab in self.tabs}
        for fd in self._by_fd:
            self._poll.register(fd, select.EPOLLIN)

    def arrivals(self, container: str, action: str) -> list[float]:
        """Milliseconds until each viewer had the container's next event of this action."""
        waiting, took = set(self._by_fd), []
        while waiting:
            for fd, _ in self._poll.poll():
                now = time.time()
                found = _stamp(self._by_fd[fd], container, action)
                if found and fd in waiting:
                    waiting.discard(fd)
                    took.append((now - found) * 1000)
        return took

    def close(self) -> None:
        """All leave."""
        for tab in self.tabs:
            tab.close()


def _stamp(tab: Tab, container: str, action: str) -> float:
    """When the Engine made the event, in seconds; 0 when it has not arrived."""
    found = 0.0
    for frame in tab.waiting():
        message = json.loads(frame)
        if message["ev"] == "sync":
            tab.send("sync", n=message["n"])
        for item in message.get("items", ()):
            if item["id"] == container and item["action"] == action:
                found = item["at"] / 1000
    return found


def measure(engine: Engine, server: Server, container: str, size: int) -> list[float]:
    """Rename, and wait each time until everybody knows."""
    crowd = Crowd(server, size)
    took: list[float] = []
    for turn in range(EVENTS):
        engine.container_rename(container, name=f"bench-{size}-{turn}-{container[:8]}")
        took += crowd.arrivals(container, "rename")
    crowd.close()
    return took


async def raw(engine: Engine, container: str) -> list[float]:
    """One reader of the stream itself, without a server."""
    events = await AsyncEngine(engine).events()
    took: list[float] = []
    for turn in range(EVENTS):
        name = f"bench-raw-{turn}-{container[:8]}"
        await asyncio.to_thread(engine.container_rename, container, name=name)
        async for event in events:
            if event.id == container and event.action == "rename":
                took.append((time.time() - event.time_ns / 1e9) * 1000)
                break
    await events.aclose()
    return took


def main() -> None:
    """Measure all sizes on one server."""
    engine, results = bench.connect(), []
    with bench.container(engine, "sleep", "3600") as container, serving.running(engine) as server:
        for size, (bar, aim) in VIEWERS.items():
            reference = percentile(asyncio.run(raw(engine, container)), 0.99)
            ours = percentile(measure(engine, server, container, size), 0.99)
            name = f"event to websocket, {size} viewers, p99"
            results.append(Result(name, "ms", ours, reference, ours, bar, aim, False))
    report(results)


if __name__ == "__main__":
    main()
