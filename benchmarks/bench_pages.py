"""The containers page with 100 running containers, for one client and for 20, against the Engine's list."""

from __future__ import annotations

import http.client
import threading
import time

from benchmarks import engine as bench
from benchmarks import server as serving
from benchmarks.measure import Result, alternate, percentile, report, scaled
from benchmarks.server import Server
from dockerui.engine import Engine

RUNNING, ROUNDS, CALLS = scaled(100, 5), scaled(5, 1), scaled(40, 5)
CLIENTS, SECONDS = 20, scaled(5.0, 1.0)


def page(connection: http.client.HTTPConnection, server: Server) -> float:
    """Milliseconds for one page."""
    start = time.perf_counter()
    connection.request("GET", "/containers/", headers={"Cookie": f"dockerui={server.session}"})
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, body[:200]
    assert body.count(b'class="row"') >= RUNNING
    return (time.perf_counter() - start) * 1000


def pages(server: Server) -> float:
    """The median of several."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    took = [page(connection, server) for _ in range(CALLS)]
    connection.close()
    return percentile(took, 0.5)


def lists(engine: Engine) -> float:
    """Milliseconds for the Engine's list of the same, median of several."""
    took = []
    for _ in range(CALLS):
        start = time.perf_counter()
        engine.container_list(all=True)
        took.append((time.perf_counter() - start) * 1000)
    return percentile(took, 0.5)


def together(server: Server) -> float:
    """Pages a second for many clients at once."""
    done, end = [0] * CLIENTS, time.perf_counter() + SECONDS

    def client(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        while time.perf_counter() < end:
            page(connection, server)
            done[number] += 1
        connection.close()

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / SECONDS


def main() -> None:
    """Measure."""
    engine = bench.connect()
    with bench.many(engine, RUNNING, start=True), serving.running(engine) as server:
        pages(server)  # the first fills the board
        took = alternate(ROUNDS, {"page": lambda: pages(server), "list": lambda: lists(engine)})
        rate = together(server)
    over = took["page"] - took["list"]
    report(
        [
            Result(
                "containers page over the Engine's list",
                "ms",
                took["page"],
                took["list"],
                over,
                10.0,
                6.0,
                False,
            ),
            Result(
                "containers pages for 20 clients",
                "pages/s",
                rate,
                1000 / took["list"],
                rate,
                100.0,
                300.0,
                True,
            ),
        ]
    )


if __name__ == "__main__":
    main()
