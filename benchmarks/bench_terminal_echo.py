"""A terminal through the whole server: 1,000 keystrokes of one byte into `cat`, against a raw socket.

Then the same beside three terminals of the same tab that flood, and how long Ctrl-C takes to stop a flood
whose output is acknowledged at the speed of a screen.
"""

from __future__ import annotations

import json
import threading
import time

from benchmarks import engine as bench
from benchmarks import server as serving
from benchmarks.bench_echo_client import KEYS, PAUSE, raw
from benchmarks.measure import Result, percentile, report, scaled, typical
from benchmarks.server import Server, Tab

SCREEN = 10e6  # bytes a second that a browser draws
ACK = 32 << 10
STOPS = scaled(7, 1)
ROUNDS = scaled(7, 1)
FLOODS = ("exec yes", "while :; do cat /tmp/100M; done", "while :; do top -bn1; done")


def open_terminal(tab: Tab, container: str, command: list[str], channel: int = 1) -> None:
    """Open an exec and wait until it runs."""
    args = {"id": container, "cmd": command, "rows": 40, "cols": 120}
    tab.send("open", ch=channel, topic="exec", args=args)
    tab.message("started")


def echo(tab: Tab, channel: int = 1) -> float:
    """Milliseconds from key to echo."""
    start = time.perf_counter()
    tab.send_bytes(channel, b"a")
    while tab.frame()[:1] != bytes([channel]):
        pass
    return (time.perf_counter() - start) * 1000


def through_server(server: Server, container: str) -> list[float]:
    """Keystrokes in a quiet tab."""
    tab = server.tab()
    open_terminal(tab, container, ["cat"])
    took = []
    for _ in range(KEYS):
        took.append(echo(tab))
        time.sleep(PAUSE)
    tab.close()
    return took


class Flood:
    """A terminal that prints without end, in a tab of its own that draws at `SCREEN` bytes a second."""

    def __init__(self, server: Server, container: str, command: list[str]) -> None:
        self.tab = server.tab()
        open_terminal(self.tab, container, command)
        self.stopped = 0.0  # when output stopped after Ctrl-C
        self._over = False
        self._thread = threading.Thread(target=self._draw, daemon=True)
        self._thread.start()

    def interrupt(self) -> float:
        """Press Ctrl-C; the milliseconds until the process is gone and its last output is drawn."""
        start = time.perf_counter()
        self.tab.send_bytes(1, b"\x03")
        self._thread.join(30)
        return (self.stopped - start) * 1000

    def end(self) -> None:
        """Close the tab."""
        self._over = True
        self.tab.send("terminate", ch=1)
        self._thread.join(30)
        self.tab.close()

    def _draw(self) -> None:
        undrawn, began, drawn = 0, time.perf_counter(), 0
        while True:
            frame = self.tab.frame()
            if frame[:1] == b"{":
                if json.loads(frame)["ev"] == "exit":
                    self.stopped = time.perf_counter()
                    return
                continue
            undrawn += len(frame) - 1
            if undrawn < ACK:
                continue
            drawn += undrawn
            if not self._over:
                time.sleep(max(0.0, began + drawn / SCREEN - time.perf_counter()))
            self.tab.send("ack", ch=1, n=undrawn)
            undrawn = 0


def beside_floods(server: Server, container: str) -> list[float]:
    """Keystrokes while three other terminals flood."""
    floods = [Flood(server, container, ["sh", "-c", command]) for command in FLOODS]
    took = through_server(server, container)
    for flood in floods:
        flood.end()
    return took


def stop(server: Server, container: str) -> float:
    """Milliseconds that Ctrl-C takes in the middle of a flood."""
    flood = Flood(server, container, ["yes"])
    time.sleep(0.5)
    took = flood.interrupt()
    flood.tab.close()
    return took


def main() -> None:
    """The sides in turn; medians over the rounds of each round's percentiles."""
    engine = bench.connect()
    reference: list[list[float]] = []
    quiet: list[list[float]] = []
    with serving.running(engine) as server, bench.container(engine, "sleep", "1000") as container:
        made = engine.exec_create(container, {"Cmd": ["sh", "-c", "yes | head -c 100000000 > /tmp/100M"]})
        engine.exec_start_detached(made)
        for _ in range(ROUNDS):
            reference.append(raw(engine, container))
            quiet.append(through_server(server, container))
        busy = beside_floods(server, container)
        stops = [stop(server, container) for _ in range(STOPS)]
    results = []
    for name, share, bar, aim in (("p50", 0.5, 0.8, 0.4), ("p99", 0.99, 1.5, 0.6)):
        base, own = typical(reference, share), typical(quiet, share)
        title = f"terminal echo through the server, {name} over a raw hijack"
        results.append(Result(title, "ms", own, base, own - base, bar, aim, higher_is_better=False))
    base, own = typical(reference, 0.99), percentile(busy, 0.99)
    title = "terminal echo p99 beside yes, cat and top"
    results.append(Result(title, "ms", own, base, own, 20, 8, higher_is_better=False))
    worst = max(stops)
    results.append(
        Result("Ctrl-C stops a flood, worst", "ms", worst, 0, worst, 300, 150, higher_is_better=False)
    )
    report(results)


if __name__ == "__main__":
    main()
