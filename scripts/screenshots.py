#!/usr/bin/env python3
"""``make screenshots``: the pictures of README.md and docs/, from the demo on an Engine of its own."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT)]

import console
import demo
from console import say
from own_engine import OwnEngine
from playwright.sync_api import Page, expect, sync_playwright

from dockerui.engine import Endpoint, Engine
from tests.support.chromium import chromium_path, set_up
from tests.support.server import LiveServer, start_server

IMAGES = ROOT / "docs" / "img"
SIZE = {"width": 1280, "height": 800}
SETTLE = 25_000  # milliseconds until charts and logs have something to show


def shoot(page: Page, engine: Engine) -> None:
    """Take every picture."""
    shop = engine.container_inspect("demo-shop-1")["Id"]
    worker = engine.container_inspect("demo-worker-1")["Id"]
    page.goto("/containers/")
    expect(page.locator('tr.row[data-name="demo-web-1"]')).to_be_visible()
    page.wait_for_timeout(SETTLE)
    save(page, "containers")
    page.goto(f"/containers/{shop}/logs/")
    expect(page.locator("[data-list]")).to_contain_text("order")
    page.wait_for_timeout(SETTLE)
    save(page, "logs")
    page.goto(f"/containers/{worker}/stats/")
    expect(page.locator("canvas").first).to_be_visible()
    page.wait_for_timeout(SETTLE * 2)
    save(page, "stats")
    page.goto(f"/containers/{shop}/terminal/")
    expect(page.locator(".xterm-rows").first).to_contain_text("#")
    page.locator(".xterm-helper-textarea").first.focus()
    page.keyboard.type("ls -l /bin | tail -8; cat /etc/passwd\n")
    expect(page.locator(".xterm-rows").first).to_contain_text("nobody")
    page.keyboard.type("top -b -n 1 | head -8\n")
    expect(page.locator(".xterm-rows").first).to_contain_text("COMMAND")
    save(page, "terminal")
    page.emulate_media(color_scheme="light")
    page.goto("/containers/")
    page.wait_for_timeout(SETTLE)
    save(page, "containers-light")


def save(page: Page, name: str) -> None:
    """Write one picture."""
    page.screenshot(path=IMAGES / f"{name}.png")
    say(f"  docs/img/{name}.png")


def with_browser(server: LiveServer, engine: Engine) -> None:
    """Set the server up and take the pictures."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport=SIZE, color_scheme="dark", base_url=server.url)
        set_up(page, server)
        shoot(page, engine)
        browser.close()


def main() -> int:
    """Start what is needed, take the pictures, stop it all."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        own = OwnEngine(Path(folder) / "engine", isolated=True)
        docker_host = own.start()
        engine = Engine(Endpoint.parse(docker_host))
        server = start_server(Path(folder) / "data", docker_host)
        try:
            demo.up(engine)
            with_browser(server, engine)
        finally:
            server.stop()
            engine.close()
            own.stop()
    return 0


if __name__ == "__main__":
    console.main(main)
