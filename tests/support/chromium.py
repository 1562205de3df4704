"""Real Chromium through playwright: sign in, take screenshots, check with axe, and fail on any console error.

The browser is the system's (``CHROMIUM`` names another); playwright's own downloads are never used.
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import playwright
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect
from playwright.sync_api import TimeoutError as PatienceEnded

from tests.support.server import LiveServer

expect.set_options(timeout=15_000)  # milliseconds; a busy machine is no bug

ROOT = Path(__file__).resolve().parents[2]
ARTIFACTS = ROOT / "test-artifacts"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
ADMIN = "admin"
PASSWORD = "correct horse battery staple"
# A live page asks once more for what the clean-up of a test has just removed; a page's frame may be
# asking while its login ends.
UNAVOIDABLE = (
    r"status of 404 .*/(containers|images|networks|volumes|projects)/[^/]+/(header)?(\?live=1)?\)$",
    r"status of 401 .*/side\?at=",
)
SETTLED = 1500  # milliseconds for a page's own scripts to arrive
SIZES = {"1440": {"width": 1440, "height": 900}, "390": {"width": 390, "height": 844}}


def chromium_path() -> str:
    """The browser to use: $CHROMIUM, else the system's."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.exit(
            "The browser tests need Chromium: apt-get install chromium, or CHROMIUM=/path", returncode=3
        )
    return found


def _use_a_working_node() -> None:
    """Playwright brings a Node.js that needs a library bare machines lack; the front end's does not."""
    bundled = Path(playwright.__file__).parent / "driver" / "node"
    if subprocess.run([bundled, "--version"], capture_output=True, check=False).returncode != 0:
        other = shutil.which("node") or str(Path(sys.executable).with_name("node"))
        os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", other)


_use_a_working_node()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium; without its sandbox as root, without the small /dev/shm of containers."""
    arguments = ["--disable-dev-shm-usage", "--disable-gpu", "--force-color-profile=srgb"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    return {**browser_type_launch_args, "executable_path": chromium_path(), "args": arguments}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any], served: LiveServer) -> dict[str, Any]:
    """Every page opens relative to the live server, in a desktop window."""
    return {**browser_context_args, "base_url": served.url, "viewport": SIZES["1440"], "locale": "en-GB"}


class Complaints:
    """Everything a page complained about: console errors (CSP violations are among them), uncaught
    exceptions.

    A test that provokes one on purpose says so: ``complaints.expect(r"status of 403")``.
    """

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._expected = [re.compile(pattern) for pattern in UNAVOIDABLE]

    def watch(self, context: BrowserContext) -> None:
        """Collect from all pages of a context, present and future."""
        context.on("console", self._console)
        context.on("weberror", lambda error: self.seen.append(f"uncaught: {error.error}"))

    def watch_page(self, page: Page) -> None:
        """Collect from one page of a context that outlives the test."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.seen.append(f"uncaught: {error}"))

    def expect(self, pattern: str) -> None:
        """Complaints that match are part of the test."""
        self._expected.append(re.compile(pattern))

    def unexpected(self) -> list[str]:
        """What nobody announced."""
        return [text for text in self.seen if not any(pattern.search(text) for pattern in self._expected)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" or "Content Security Policy" in message.text:
            self.seen.append(f"{message.text} ({message.location.get('url', '')})")


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """Fails the test when a watched page complained about anything unexpected."""
    collected = Complaints()
    yield collected
    assert collected.unexpected() == []


def _patient(page: Page) -> Page:
    """Let ``goto`` wait for the scripts that a page loads on demand: a click before them would be lost."""
    original = page.goto

    def goto(url: str, **options: Any) -> Any:
        answer = original(url, **options)
        with contextlib.suppress(PatienceEnded):  # a page that never rests is as ready as it gets
            page.wait_for_load_state("networkidle", timeout=SETTLED)
        return answer

    page.goto = goto  # type: ignore[method-assign]
    return page


@pytest.fixture
def new_page(
    browser: Browser, browser_context_args: dict[str, Any], complaints: Complaints, labels: dict[str, str]
) -> Iterator[Callable[..., Page]]:
    """Open windows that share nothing: ``new_page(viewport={…}, color_scheme="dark")``, a context each.

    (It asks for ``labels`` so that windows close before the test's containers vanish under them.)
    """
    contexts: list[BrowserContext] = []

    def make(**options: Any) -> Page:
        context = browser.new_context(**{**browser_context_args, **options})
        complaints.watch(context)
        contexts.append(context)
        return _patient(context.new_page())

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """One window, not signed in."""
    return new_page()


@pytest.fixture(scope="session")
def admin_state(browser: Browser, browser_context_args: dict[str, Any], served: LiveServer) -> Any:
    """Cookies of a signed-in admin, got once per run through the set-up link, as a stranger would."""
    context = browser.new_context(**browser_context_args)
    window = context.new_page()
    set_up(window, served)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def admin_page(new_page: Callable[..., Page], admin_state: Any) -> Page:
    """One window, signed in as admin."""
    return new_page(storage_state=admin_state)


def set_up(page: Page, server: LiveServer) -> None:
    """Open the one-time set-up link and make the first account."""
    page.goto(server.setup_link)
    page.locator("input[name=username]").fill(ADMIN)
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.locator("form .primary").click()
    page.wait_for_url(lambda url: "/setup/" not in url)


def login(page: Page, username: str = ADMIN, password: str = PASSWORD) -> None:
    """Sign in through the login page."""
    page.goto("/login")
    page.locator("input[name=username]").fill(username)
    page.locator("input[type=password]").fill(password)
    page.locator("form .primary").click()
    page.wait_for_url(lambda url: "/login" not in url)


def screenshot(page: Page, name: str) -> Path:
    """Save what the window shows under ``test-artifacts/``."""
    path = ARTIFACTS / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)
    return path


def assert_accessible(page: Page) -> None:
    """No axe-core violation on the page as it stands. (Evaluation over CDP is not subject to the CSP.)"""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text())
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    lines = [
        f"{violation['id']} ({violation['impact']}): {violation['help']}\n    "
        + "\n    ".join(" ".join(map(str, node["target"])) for node in violation["nodes"][:5])
        for violation in found["violations"]
    ]
    assert not lines, f"{page.url}\n" + "\n".join(lines)
