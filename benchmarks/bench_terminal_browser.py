"""Terminals in Chromium: how long a key takes to the screen beside three floods, and Ctrl-C to stop one.

Both are measured in the page, from its `keydown` to the frame that shows the answer. The reference of typing
is the same terminal before the floods begin.
"""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from benchmarks import engine as bench
from benchmarks.browser import chromium
from benchmarks.measure import Result, percentile, report, scaled
from benchmarks.server import running

KEYS = scaled(200, 10)
STOPS = scaled(7, 1)
PATIENCE = 60_000  # milliseconds
FLOODS = ("yes", "while :; do cat /tmp/100M; done", "top -d 0")
BIG_FILE = "head -c 100000000 /dev/zero | tr '\\0' 'x' | fold > /tmp/100M"
WATCH_KEYS = """() => {
  const rows = document.querySelector('.pane .xterm-rows');
  const length = () => rows.textContent.replace(/\\s/g, '').length;
  window.took = [];
  addEventListener('keydown', (event) => {
    if (event.key === 'Enter' || !document.querySelector('.pane').contains(event.target)) return;
    const since = performance.now();
    const before = length();
    const look = () => length() > before
      ? window.took.push(performance.now() - since) : requestAnimationFrame(look);
    requestAnimationFrame(look);
  }, {capture: true});
}"""
WATCH_STOP = """() => {
  const rows = document.querySelector('.pane .xterm-rows');
  addEventListener('keydown', (event) => {
    if (event.key !== 'c' || !event.ctrlKey) return;
    const since = performance.now();
    const look = () => rows.textContent.trimEnd().endsWith('#')
      ? window.stopped = performance.now() - since : requestAnimationFrame(look);
    requestAnimationFrame(look);
  }, {capture: true});
}"""


def pane(page: Page, index: int) -> Locator:
    """One of the terminals side by side."""
    return page.locator(".pane:visible").nth(index)


def shows(page: Page, text: str, index: int = 0) -> None:
    """Wait until a terminal's screen shows this."""
    expect(pane(page, index).locator(".xterm-rows")).to_contain_text(text, timeout=PATIENCE)


def run(page: Page, command: str) -> None:
    """Type it into the terminal that has the keys."""
    page.keyboard.type(command)
    page.keyboard.press("Enter")


def opened(page: Page, container: str) -> None:
    """A shell that has come up."""
    page.goto(f"/containers/{container}/terminal/")
    shows(page, "#")


def type_keys(page: Page) -> list[float]:
    """Milliseconds from key to screen, of many keys one after another."""
    before = page.evaluate("window.took.length")
    for turn in range(KEYS):
        page.keyboard.press("abcdefghijklmnopqrstuvwxyz"[turn % 26])
        page.wait_for_function("n => window.took.length > n", arg=before + turn, timeout=PATIENCE)
    return list(page.evaluate(f"window.took.slice({before})"))


def typing(page: Page, container: str) -> tuple[list[float], list[float]]:
    """Keys into `cat`: quiet, then beside the floods."""
    opened(page, container)
    run(page, "clear; cat > /dev/null")
    page.wait_for_function("() => !document.querySelector('.pane .xterm-rows').textContent.trim()")
    page.evaluate(WATCH_KEYS)
    quiet = type_keys(page)
    for number, command in enumerate(FLOODS, 1):
        page.get_by_role("button", name="Split").click()
        shows(page, "#", number)
        run(page, command)
    pane(page, 0).locator(".xterm-screen").click()
    page.keyboard.press("Enter")
    return quiet, type_keys(page)


def stops(page: Page, container: str) -> list[float]:
    """Milliseconds from Ctrl-C to the prompt, in the midst of `yes`."""
    opened(page, container)
    page.evaluate(WATCH_STOP)
    took = []
    for _ in range(STOPS):
        page.evaluate("() => { window.stopped = 0; }")
        run(page, "clear; yes")
        shows(page, "yyyyyyyyyyyyyyyyyyyy")
        page.wait_for_timeout(500)
        page.keyboard.press("Control+c")
        page.wait_for_function("() => window.stopped", timeout=PATIENCE)
        took.append(float(page.evaluate("window.stopped")))
    return took


def main() -> None:
    """Measure; each in a page of its own."""
    engine = bench.connect()
    with (
        bench.container(engine, "sh", "-c", f"{BIG_FILE}; exec sleep 10000") as container,
        running(engine) as server,
        chromium(server) as context,
    ):
        page = context.new_page()
        quiet, beside = typing(page, container)
        page.close()
        with bench.container(engine, "sleep", "10000") as other:
            page = context.new_page()
            took = stops(page, other)
    results = []
    for name, share, bar, aim in (("p50", 0.5, 100.0, 50.0), ("p99", 0.99, 250.0, 100.0)):
        own, reference = percentile(beside, share), percentile(quiet, share)
        title = f"key to screen beside three floods, {name}"
        results.append(Result(title, "ms", own, reference, own, bar, aim, False))
    worst = max(took)
    results.append(Result("Ctrl-C stops yes in Chromium, worst", "ms", worst, 0, worst, 300, 150, False))
    report(results)


if __name__ == "__main__":
    main()
