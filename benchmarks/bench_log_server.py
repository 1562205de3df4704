"""A log through the whole server: 500,000 lines of 100 bytes to a websocket, against `docker logs`."""

from __future__ import annotations

from benchmarks import engine as bench
from benchmarks import logs
from benchmarks import server as serving
from benchmarks.measure import report


def main() -> None:
    """Wall time and CPU time of both sides."""
    engine = bench.connect()
    with bench.log_of(engine, logs.LINES, logs.WIDTH) as container, serving.running(engine) as server:
        results = logs.against_cli(
            engine,
            container,
            "through the server",
            lambda: logs.read(server, container),
            lambda: serving.cpu_seconds(server.process.pid),
        )
    report(results)


if __name__ == "__main__":
    main()
