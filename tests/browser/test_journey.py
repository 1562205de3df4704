"""The journey of a stranger on the real Engine: from the set-up link to a running vi, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.chromium import login, screenshot, set_up
from tests.support.engine import MakeContainer
from tests.support.server import StartServer
from tests.support.waiting import wait_until

CHATTER = "i=0; while :; do i=$((i+1)); echo level=info msg=tick n=$i; sleep 0.2; done"

Windows = tuple[Page, Page]


@pytest.fixture
def windows(start_live_server: StartServer, new_page: Callable[..., Page]) -> Windows:
    """Two people's windows on a server that nobody has used yet; the first has just made its account."""
    server = start_live_server()
    first = new_page(base_url=server.url)
    set_up(first, server)
    second = new_page(base_url=server.url)
    login(second)
    return first, second


def test_journey(windows: Windows, make_container: MakeContainer, labels: dict[str, str]) -> None:
    first, second = windows
    mark = labels["dockerui.test"]
    name = f"journey-{mark[:8]}"
    container = make_container("sh", "-c", CHATTER, name=name)
    both_see_the_list(windows, name, mark)
    start_and_stop_show_in_the_other_window(windows, name)
    logs_follow(first, container)
    terminal_has_the_right_size_and_runs_vi(first, container)
    stats_move(first, container)
    events_appear(first, second, container, name)


def row(page: Page, name: str) -> Locator:
    """A container's row in the list."""
    return page.locator(f'tr.row[data-name="{name}"]')


def both_see_the_list(windows: Windows, name: str, mark: str) -> None:
    """Only this test's container: others may use the Engine, too."""
    for page in windows:
        page.goto(f"/containers/?label=dockerui.test={mark}")
        expect(row(page, name)).to_have_attribute("data-state", "running")
    screenshot(windows[0], "journey/1-containers")


def start_and_stop_show_in_the_other_window(windows: Windows, name: str) -> None:
    """What one does, the other sees, without reloading."""
    first, second = windows
    row(second, name).get_by_role("link", name=name, exact=True).click()
    second.get_by_role("button", name="Stop", exact=True).click()
    expect(row(first, name)).to_have_attribute("data-state", "exited", timeout=15_000)
    screenshot(first, "journey/2-stopped-by-the-other")
    row(first, name).get_by_role("button", name=f"Start {name}").click()
    expect(second.get_by_role("button", name="Stop", exact=True)).to_be_visible(timeout=15_000)
    expect(row(first, name)).to_have_attribute("data-state", "running")
    screenshot(second, "journey/3-started-again")


def logs_follow(page: Page, container: str) -> None:
    """Lines keep coming."""
    page.goto(f"/containers/{container}/logs/")
    lines = page.locator("[data-list]")
    expect(lines).to_contain_text("msg=tick")
    before = latest_tick(lines)
    wait_until(lambda: latest_tick(lines) > before + 5, what="new log lines")
    screenshot(page, "journey/4-logs")


def latest_tick(lines: Locator) -> int:
    """The highest number among the log lines on the screen."""
    return max((int(number) for number in re.findall(r"n=(\d+)", lines.inner_text())), default=0)


def terminal_has_the_right_size_and_runs_vi(page: Page, container: str) -> None:
    """``stty size`` says what the screen has; vi draws, edits and leaves."""
    page.goto(f"/containers/{container}/terminal/")
    screen = page.locator(".xterm-rows").first
    expect(screen).to_contain_text("#")
    page.locator(".xterm-helper-textarea").first.focus()
    page.keyboard.type("stty size\n")
    wait_until(lambda: re.search(r"^\d+ \d+\s*$", screen_text(page), re.M), what="the size of the terminal")
    found = re.search(r"^(\d+) (\d+)\s*$", screen_text(page), re.M)
    assert found
    assert int(found[1]) == page.locator(".xterm-rows").first.locator("> div").count()
    assert int(found[2]) > 40
    screenshot(page, "journey/5-terminal")
    page.keyboard.type("vi /tmp/note\n")
    expect(screen).to_contain_text("~")
    page.keyboard.type("ihello from the browser")
    expect(screen).to_contain_text("hello from the browser")
    screenshot(page, "journey/6-vi")
    page.keyboard.press("Escape")
    # It has to see that Escape stands alone; busybox says I for insert mode, vim says INSERT.
    wait_until(lambda: not re.search(r"^I /tmp|INSERT", screen_text(page), re.M), what="vi's command mode")
    page.keyboard.type(":wq\n")
    expect(screen).not_to_contain_text("~")
    page.keyboard.type("cat /tmp/note; echo done-$((40+2))\n")
    expect(screen).to_contain_text("done-42")
    assert "hello from the browser" in screen_text(page)


def screen_text(page: Page) -> str:
    """What the terminal shows, line by line."""
    lines = page.locator(".xterm-rows").first.locator("> div").all_inner_texts()
    return "\n".join(line.replace("\xa0", " ").rstrip() for line in lines)


def stats_move(page: Page, container: str) -> None:
    """The charts draw, and their numbers change."""
    page.goto(f"/containers/{container}/stats/")
    charts = page.locator("[data-widget=stats-charts]")
    expect(charts.locator("canvas").first).to_be_visible(timeout=15_000)
    before = charts.inner_text()
    wait_until(lambda: charts.inner_text() != before, timeout=15, what="other numbers")
    screenshot(page, "journey/7-stats")


def events_appear(first: Page, second: Page, container: str, name: str) -> None:
    """What the second window does is on the first one's events page at once."""
    first.goto("/events/")
    second.goto(f"/containers/{container}/")
    second.get_by_role("button", name="Restart", exact=True).click()
    expect(first.locator("main")).to_contain_text(name, timeout=15_000)
    screenshot(first, "journey/8-events")
