"""The log view in Chromium: memory for a million lines, tasks while lines pour in, scrolling,
searching, opening.

All lines are real: containers write them, the Engine and the whole server carry them. The reference side of a
figure that has none is 0.
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, WebSocketRoute

from benchmarks import engine as bench
from benchmarks.browser import chromium
from benchmarks.measure import Result, percentile, report, scaled
from benchmarks.server import running

LINES = scaled(1_000_000, 20_000)
WIDTH = 120
RATE = 20_000
FLOOD_SECONDS = scaled(12, 2)
GIGABYTE_LINES = scaled(8_000_000, 20_000)
OPENINGS = scaled(5, 1)
RECONNECTS = scaled(100, 5)
BREAK_EVERY = 150  # milliseconds
PATIENCE = 300_000  # milliseconds

# A shell that writes RATE lines a second: batches of a hundredth of it.
FLOOD = (
    "text=$(printf 'x%.0s' $(seq 90));"
    ' while :; do yes "INFO request $text" | head -n 500; usleep 22000; done'
)
# A shell that counts, in bursts of a thousand.
COUNT = "i=0; while :; do seq $((i * 1000 + 1)) $((i * 1000 + 1000)); i=$((i + 1)); usleep 200000; done"
WATCH = """() => {
  window.tasks = [];
  new PerformanceObserver((list) => { for (const e of list.getEntries()) window.tasks.push(e.duration); })
    .observe({ type: 'longtask' });
}"""
SCRUB = """async (seconds) => {
  const list = document.querySelector('[data-list]');
  const deltas = [];
  const began = performance.now();
  let last = 0;
  await new Promise((done) => {
    const frame = (now) => {
      if (last) deltas.push(now - last);
      last = now;
      const t = (now - began) / 1000;
      list.scrollTop = (Math.sin(t * 1.7) * 0.45 + 0.5) * list.scrollHeight;
      if (t > seconds) done(); else requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  return deltas;
}"""
WHEEL = SCRUB.replace(
    "list.scrollTop = (Math.sin(t * 1.7) * 0.45 + 0.5) * list.scrollHeight;",
    "list.scrollTop += Math.sin(t) > 0 ? -90 : 90;",
)
FIRST_LINE = """(() => {
  const look = () => {
    if (document.querySelector('.ll .m')) window.firstLine = performance.timeOrigin + performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})()"""


def renderer_memory(page: Page) -> float:
    """Megabytes that the page's process has for itself, workers included."""
    page.evaluate("() => { if (window.gc) window.gc(); }")
    pids = page.context.browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]  # type: ignore[union-attr]
    return max(private_memory(one["id"]) for one in pids if one["type"] == "renderer")


def private_memory(pid: int) -> float:
    """Private megabytes of a process."""
    lines = Path(f"/proc/{int(pid)}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1000


def wait_for_lines(page: Page, lines: int) -> None:
    """Until the footer says so many lines."""
    page.wait_for_function(
        "n => parseInt(document.querySelector('[data-lines]').textContent.replace(/\\D/g, '')) >= n",
        arg=lines,
        timeout=PATIENCE,
    )


def million(context: BrowserContext, container: str) -> list[Result]:
    """Memory, scrolling and searching with a million lines in the tab."""
    page = context.new_page()
    page.goto(f"/containers/{container}/logs/?tail=0")
    page.wait_for_timeout(1500)
    empty = renderer_memory(page)
    page.goto(f"/containers/{container}/logs/?tail=all")
    began = time.perf_counter()
    wait_for_lines(page, LINES)
    loaded = time.perf_counter() - began
    page.wait_for_timeout(2000)
    memory = renderer_memory(page)
    scrub = [1000 / percentile(page.evaluate(SCRUB, 6), share) for share in (0.5, 0.95)]
    wheel = [1000 / percentile(page.evaluate(WHEEL, 6), share) for share in (0.5, 0.95)]
    print(f"loaded in {loaded:.1f} s; an empty log view takes {empty:.0f} MB")
    print(f"frames per second, median and slowest 5 %: scrubbing {scrub}, scrolling {wheel}")
    seconds, longest = search(page)
    page.close()
    return [
        Result("1M lines of 120 characters, the tab's memory", "MB", memory, empty, memory, 250, 150, False),
        Result("scrolling a million lines", "fps", wheel[1], 60, wheel[1], 50, 60, True),
        Result("regular expression over a million lines", "s", seconds, 0, seconds, 1, 0.5, False),
        Result("longest task while searching", "ms", longest, 0, longest, 100, 50, False),
    ]


def search(page: Page) -> tuple[float, float]:
    """Seconds until every line has been searched, and the page's longest task meanwhile in milliseconds."""
    page.evaluate(WATCH)
    page.locator("[data-toggle=regex]").click()
    took = []
    for query in ("id=\\d*99 .*status=20[1-9]", "time(out|r) .*7$", "request (id=)?\\d{5}7 "):
        page.locator("[data-find]").fill(query)
        start = time.perf_counter()
        page.locator("[data-find]").press("Enter")
        page.wait_for_function(
            "() => /^[^%]+$/.test(document.querySelector('[data-hits]').textContent)",
            polling=10,
        )
        took.append(time.perf_counter() - start)
        page.locator("[data-find]").fill("")
        page.wait_for_function("() => document.querySelector('[data-hits]').textContent === ''")
    return sorted(took)[1], max(page.evaluate("window.tasks"), default=0.0)


def flood(context: BrowserContext, container: str) -> list[Result]:
    """The longest task of the page while lines pour in."""
    page = context.new_page()
    page.goto(f"/containers/{container}/logs/?tail=0")
    wait_for_lines(page, RATE)
    page.evaluate(WATCH)
    before, start = count(page), time.perf_counter()
    page.wait_for_timeout(FLOOD_SECONDS * 1000)
    rate = (count(page) - before) / (time.perf_counter() - start)
    longest = max(page.evaluate("window.tasks"), default=0.0)
    page.close()
    print(f"{rate:.0f} lines/s came")
    return [
        Result("longest task at 20,000 lines/s", "ms", longest, 0, longest, 100, 50, False),
        Result("lines a second shown of those written", "lines/s", rate, RATE, rate / RATE, 0.9, 1, True),
    ]


def count(page: Page) -> int:
    """Lines that came so far."""
    return int("".join(filter(str.isdigit, page.locator("[data-lines]").inner_text())))


def opening(context: BrowserContext, container: str) -> list[Result]:
    """Milliseconds from the click on Logs to the first line, of a log of a gigabyte."""
    took = []
    for _ in range(OPENINGS):
        page = context.new_page()
        page.add_init_script(FIRST_LINE)
        page.goto(f"/containers/{container}/")
        page.wait_for_load_state("networkidle")
        link = page.locator(".tabs").get_by_role("link", name="Logs")
        page.evaluate(
            "() => document.querySelector('.tabs').addEventListener('click',"
            " () => sessionStorage.setItem('clicked', performance.timeOrigin + performance.now()), true)"
        )
        link.click()
        page.wait_for_function("() => window.firstLine", timeout=PATIENCE)
        took.append(page.evaluate("() => window.firstLine - Number(sessionStorage.getItem('clicked'))"))
        page.close()
    print("openings:", [round(one) for one in took])
    middle = percentile(took, 0.5)
    return [Result("click to first line, log of 1 GB", "ms", middle, 0, middle, 300, 150, False)]


def reconnects(context: BrowserContext, container: str) -> list[Result]:
    """Lines lost and doubled by a followed log whose connection breaks a hundred times."""
    page = context.new_page()
    sockets: list[WebSocketRoute] = []

    def route(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    page.route_web_socket(re.compile("/ws$"), route)
    page.goto(f"/containers/{container}/logs/?tail=all")
    for done in range(RECONNECTS):
        while len(sockets) <= done:
            page.wait_for_timeout(10)
        page.wait_for_timeout(BREAK_EVERY)
        sockets[done].close(code=1001)
    page.wait_for_timeout(2000)
    page.wait_for_function("() => document.querySelector('[data-gaps]').textContent === ''", timeout=PATIENCE)
    page.locator("[popovertarget=log-download]").click()
    page.locator("[data-with-times]").uncheck()
    with page.expect_download() as saved:
        page.locator("[data-save]").click()
    numbers = [int(line) for line in Path(saved.value.path()).read_text().split()]
    page.close()
    lost = len(set(range(1, max(numbers) + 1)) - set(numbers))
    doubled = len(numbers) - len(set(numbers))
    print(f"{len(numbers)} lines through {RECONNECTS} breaks")
    return [
        Result("lines lost in 100 forced reconnects", "lines", lost, 0, lost, 0, 0, False),
        Result("lines doubled in 100 forced reconnects", "lines", doubled, 0, doubled, 0, 0, False),
    ]


def printed(engine: Any, lines: int) -> Any:
    """An exited container with so many lines of `WIDTH` characters."""
    script = (
        f'seq 1 {lines} | awk \'{{ s = "INFO worker request id=" $1 " path=/api/v1/items status=200 ";'
        f' while (length(s) < {WIDTH}) s = s "xxxxxxxxxxxxxxxx"; print substr(s, 1, {WIDTH}) }}\''
    )
    return bench.container(engine, "sh", "-c", script)


def main() -> None:
    """Measure; arguments name what: flood, reconnects, million, opening."""
    engine = bench.connect()
    chosen = [name for name in sys.argv[1:] if name != "--quick"] or [
        "flood",
        "reconnects",
        "million",
        "opening",
    ]
    results: list[Result] = []
    with running(engine) as server, chromium(server) as context:
        if "flood" in chosen:
            with bench.container(engine, "sh", "-c", FLOOD) as container:
                results += flood(context, container)
        if "reconnects" in chosen:
            with bench.container(engine, "sh", "-c", COUNT) as container:
                results += reconnects(context, container)
        for name, lines, measure in (("million", LINES, million), ("opening", GIGABYTE_LINES, opening)):
            if name in chosen:
                with printed(engine, lines) as container:
                    engine.container_wait(container, timeout=1800)
                    results += measure(context, container)
    report(results)


if __name__ == "__main__":
    main()
