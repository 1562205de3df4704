"""What a server costs that nobody uses: memory, memory per open tab, time from start to its first page."""

from __future__ import annotations

import http.client
import time

from benchmarks import engine as bench
from benchmarks import server as serving
from benchmarks.measure import Result, report, scaled

TABS = scaled(200, 20)


def main() -> None:
    """Measure. The reference of memory is a bare Python process that has imported Django and Daphne."""
    engine = bench.connect()
    with serving.running(engine) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        connection.request("GET", "/login")
        assert connection.getresponse().status == 200
        first = time.monotonic() - server.started
        idle = serving.resident(server.process.pid)
        before = serving.memory(server.process.pid)
        tabs = [server.tab() for _ in range(TABS)]
        for tab in tabs:
            tab.send("ping")
            tab.message("pong")
        each = (serving.memory(server.process.pid) - before) / TABS * 1024
        for tab in tabs:
            tab.close()
    bare = serving.bare_memory()
    report(
        [
            Result("idle memory", "MiB", idle, bare, idle, 110.0, 80.0, False),
            Result("memory per idle socket", "KiB", each, 0.0, each, 50.0, 30.0, False),
            Result("start to first page", "s", first, 0.0, first, 2.0, 1.0, False),
        ]
    )


if __name__ == "__main__":
    main()
