"""A real browser at a benchmark's server."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from playwright.sync_api import BrowserContext, sync_playwright

from benchmarks.server import Server
from tests.support.chromium import chromium_path


@contextlib.contextmanager
def chromium(server: Server) -> Iterator[BrowserContext]:
    """A browser, signed in."""
    arguments = ["--disable-dev-shm-usage", "--disable-gpu", "--js-flags=--expose-gc"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=arguments)
        base = f"http://127.0.0.1:{server.port}"
        context = browser.new_context(base_url=base, viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": "dockerui", "value": server.session, "url": base}])
        yield context
        browser.close()
