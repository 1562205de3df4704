"""How much later a followed line is at a tab's websocket than at a raw reader of the Engine's log.

Both follow the same container at the same time, and one thread notes when each of them gets a line; the two
sides' own figures count from the Engine's stamp on the line. The container writes single lines, faster than
people read and slower than anybody gathers.
"""

from __future__ import annotations

import re
import select
import socket
import time
from dataclasses import dataclass

from benchmarks import engine as bench
from benchmarks import server as serving
from benchmarks.measure import Result, report, scaled, typical
from benchmarks.server import Server, Tab
from dockerui.engine import Engine
from dockerui.engine.protocol.logline import parse_time

LINES = scaled(1_000, 100)
ROUNDS = scaled(5, 1)
WRITER = "i=0; while :; do i=$((i + 1)); echo line $i end; usleep 8000; done"
_LINE = re.compile(rb"(\d{4}-\d\d-\d\dT[:.\d]+Z) line (\d+) end\n")


def raw_follower(engine: Engine, container: str) -> socket.socket:
    """`GET /containers/{id}/logs?follow=1` from now on, over HTTP/1.0: no chunks."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(engine.endpoint.path)
    query = "follow=1&stdout=1&stderr=1&timestamps=1&tail=0"
    target = f"/v{engine.version}/containers/{container}/logs?{query}"
    connection.sendall(f"GET {target} HTTP/1.0\r\nHost: docker\r\n\r\n".encode())
    return connection


def following_tab(server: Server, container: str) -> Tab:
    """A log view that has caught up."""
    tab = server.tab()
    tab.send("open", ch=1, topic="logs", args={"id": container, "tail": 0, "follow": True})
    tab.message("container")
    return tab


@dataclass
class Arrival:
    """When a line was made, at the raw reader and at the tab: seconds by the wall clock, 0 for not yet."""

    made: float
    raw: float = 0.0
    tab: float = 0.0


def arrivals(reference: socket.socket, tab: Tab) -> list[Arrival]:
    """The first lines that both sides got."""
    lines: dict[bytes, Arrival] = {}
    poll = select.epoll()
    poll.register(reference, select.EPOLLIN)
    poll.register(tab, select.EPOLLIN)
    both = 0
    while both < LINES:
        for fd, _ in poll.poll():
            now = time.time()
            is_raw = fd == reference.fileno()
            data = reference.recv(1 << 16) if is_raw else b"".join(tab.waiting())
            for stamp, number in _LINE.findall(data):
                line = lines.setdefault(number, Arrival(parse_time(stamp.decode()) / 1e9))
                setattr(line, "raw" if is_raw else "tab", now)
                both += bool(line.raw and line.tab)
    return [line for line in lines.values() if line.raw and line.tab]


def measure(engine: Engine, server: Server, container: str) -> list[Arrival]:
    """One round."""
    with raw_follower(engine, container) as reference:
        tab = following_tab(server, container)
        found = arrivals(reference, tab)
        tab.close()
    return found


def main() -> None:
    """Medians over the rounds of each round's percentiles."""
    engine = bench.connect()
    sides: dict[str, list[list[float]]] = {"raw": [], "tab": [], "later": []}
    with bench.container(engine, "sh", "-c", WRITER) as container, serving.running(engine) as server:
        for _ in range(ROUNDS):
            found = measure(engine, server, container)
            sides["raw"].append([(line.raw - line.made) * 1000 for line in found])
            sides["tab"].append([(line.tab - line.made) * 1000 for line in found])
            sides["later"].append([(line.tab - line.raw) * 1000 for line in found])
    results = []
    for name, share, bar, aim in (("p50", 0.5, 1.5, 0.8), ("p99", 0.99, 3.0, 1.5)):
        raw, tab, later = (typical(sides[side], share) for side in ("raw", "tab", "later"))
        title = f"a followed line later than at a raw reader, {name}"
        results.append(Result(title, "ms", tab, raw, later, bar, aim, False))
    report(results)


if __name__ == "__main__":
    main()
