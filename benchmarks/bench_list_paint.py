"""The containers page with 1,000 containers in Chromium: from the navigation to the first paint with rows.

First Contentful Paint, as the browser reports it, and how many rows were there by then; the reference is the
Engine's own list of them.
"""

from __future__ import annotations

import statistics
import time

from playwright.sync_api import BrowserContext

from benchmarks import engine as bench
from benchmarks.browser import chromium
from benchmarks.measure import Result, report, scaled
from benchmarks.server import running
from dockerui.engine import Engine

CONTAINERS = scaled(1_000, 30)
LOADS = scaled(9, 2)
# A paint may come before the rows, so the first frame that has some is noted too; the later counts.
WATCH = """(() => {
  new PerformanceObserver((list) => {
    for (const entry of list.getEntriesByName('first-contentful-paint')) window.painted = entry.startTime;
  }).observe({type: 'paint', buffered: true});
  const look = () => {
    const rows = document.querySelectorAll('tr.row').length;
    if (rows) requestAnimationFrame(() => { window.rowsAt = performance.now(); window.rowsThen = rows; });
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})()"""


def load(context: BrowserContext) -> float:
    """Milliseconds to the first paint with rows, of one load."""
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto("/containers/")
    page.wait_for_function("() => window.painted && window.rowsAt")
    found = page.evaluate(
        "() => [window.painted, window.rowsAt, window.rowsThen, document.querySelectorAll('tr.row').length,"
        " performance.getEntriesByType('navigation')[0].responseStart]"
    )
    page.close()
    painted, rows_at, rows, total, first_byte = found
    assert total >= CONTAINERS, f"{total} rows"
    print(
        f"first byte {first_byte:.0f} ms, first contentful paint {painted:.0f} ms,"
        f" a frame with {rows} rows {rows_at:.0f} ms"
    )
    return float(max(painted, rows_at))


def listing(engine: Engine) -> float:
    """Milliseconds for the Engine's list."""
    start = time.perf_counter()
    engine.container_list(all=True)
    return (time.perf_counter() - start) * 1000


def main() -> None:
    """One cold load, right after the server's start with an empty cache, then warm ones."""
    engine = bench.connect()
    with (
        bench.many(engine, CONTAINERS, start=False),
        running(engine) as server,
        chromium(server) as context,
    ):
        cold = load(context)
        warm, lists = [], []
        for _ in range(LOADS):
            warm.append(load(context))
            lists.append(listing(engine))
    reference, median = statistics.median(lists), statistics.median(warm)
    name = f"containers page with {CONTAINERS:,} containers, first paint"
    report(
        [
            Result(name, "ms", median, reference, median, 500, 250, False),
            Result(f"{name}, cold", "ms", cold, reference, cold, 500, 250, False),
        ]
    )


if __name__ == "__main__":
    main()
