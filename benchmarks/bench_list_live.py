"""From the Engine's event to pixels: a container is paused and unpaused while its row is on screen.

Times are from the Engine's own stamp to the end of the frame that shows the new state. The reference is when
the Engine's answer to the call is there, after which a page that polls could ask at the earliest.
"""

from __future__ import annotations

import asyncio
import time

from playwright.sync_api import Page

from benchmarks import engine as bench
from benchmarks.browser import chromium
from benchmarks.measure import Result, percentile, report, scaled
from benchmarks.server import running
from dockerui.engine import Engine
from dockerui.engine.aio import AsyncEngine

CHANGES = scaled(60, 4)
OTHERS = 20  # rows beside it
PAUSE = 0.7  # seconds: the row must have settled
# After a frame's painting a message is handled: then the state is on screen.
WATCH = """(id) => {
  window.shown = [];
  let state = document.querySelector(`tr.row[data-id="${id}"]`).dataset.state;
  new MutationObserver(() => {
    const now = document.querySelector(`tr.row[data-id="${id}"]`)?.dataset.state;
    if (now === state) return;
    state = now;
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => window.shown.push(Date.now());
      channel.port2.postMessage(0);
    });
  }).observe(document.querySelector('table'), {subtree: true, childList: true, attributes: true});
}"""


def change(engine: Engine, page: Page, container: str) -> list[float]:
    """Pause and unpause, wait each time until it is seen; when the Engine's answers were there."""
    answered = []
    for turn in range(CHANGES):
        (engine.container_unpause if turn % 2 else engine.container_pause)(container)
        answered.append(time.time())
        page.wait_for_function("n => window.shown.length > n", arg=turn)
        time.sleep(PAUSE)
    return answered


async def stamps(engine: Engine, container: str, since: float) -> list[float]:
    """When the Engine says it happened."""
    filters = {"container": [container], "event": ["pause", "unpause"]}
    events = await AsyncEngine(engine).events(since=int(since), until=int(time.time()) + 1, filters=filters)
    return [event.time_ns / 1e9 async for event in events]


def main() -> None:
    """Measure on a page that is open."""
    engine = bench.connect()
    with bench.many(engine, OTHERS, start=False), bench.container(engine, "sleep", "10000") as container:
        since = time.time()
        with running(engine) as server, chromium(server) as context:
            page = context.new_page()
            page.goto("/containers/")
            page.wait_for_load_state("networkidle")
            page.evaluate(WATCH, container)
            answered = change(engine, page, container)
            shown = [moment / 1000 for moment in page.evaluate("window.shown")]
        happened = asyncio.run(stamps(engine, container, since))
    assert len(shown) == len(happened) == len(answered), (len(shown), len(happened), len(answered))
    ours = [(seen - stamp) * 1000 for seen, stamp in zip(shown, happened, strict=True)]
    calls = [(done - stamp) * 1000 for done, stamp in zip(answered, happened, strict=True)]
    results = []
    for name, share, bar, aim in (("p50", 0.5, 100.0, 50.0), ("p90", 0.9, 100.0, 70.0)):
        own, reference = percentile(ours, share), percentile(calls, share)
        results.append(Result(f"event to pixels, {name}", "ms", own, reference, own, bar, aim, False))
    report(results)


if __name__ == "__main__":
    main()
