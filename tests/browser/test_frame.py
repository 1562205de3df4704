"""What every page has: palette, shortcuts, theme, toasts, dialogs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.chromium import Complaints, assert_accessible

MakeContainer = Callable[..., str]


@pytest.fixture
def account_page(admin_page: Page) -> Page:
    """A page that needs no Engine."""
    admin_page.goto("/account/")
    return admin_page


def test_the_palette_finds_a_container_and_opens_it(
    admin_page: Page, make_container: MakeContainer, labels: dict[str, str]
) -> None:
    name = f"palette-{labels['dockerui.test'][:8]}"
    container = make_container(name=name)
    admin_page.goto("/account/")
    admin_page.keyboard.press("Control+k")
    admin_page.keyboard.type(f"palette {name[-8:]}")
    expect(admin_page.get_by_role("option").first).to_contain_text(name)
    assert_accessible(admin_page)
    admin_page.keyboard.press("Enter")
    admin_page.wait_for_url(f"**/containers/{container}/")


def test_the_palette_closes_with_escape_and_gives_the_focus_back(account_page: Page) -> None:
    account_page.locator("[data-palette]").click()
    expect(account_page.get_by_role("combobox")).to_be_focused()
    account_page.keyboard.press("Escape")
    expect(account_page.locator("[data-palette]")).to_be_focused()


def test_question_mark_shows_the_shortcuts_but_not_while_typing(account_page: Page) -> None:
    account_page.locator("input[type=password]").first.focus()
    account_page.keyboard.press("?")
    expect(account_page.get_by_role("dialog")).to_have_count(0)
    account_page.locator("h1").click()
    account_page.keyboard.press("?")
    expect(account_page.get_by_role("dialog")).to_contain_text("Search or run a command")
    assert_accessible(account_page)
    account_page.keyboard.press("Escape")
    expect(account_page.get_by_role("dialog")).to_have_count(0)


def test_g_and_a_letter_go_to_a_section(account_page: Page) -> None:
    account_page.locator("h1").click()
    account_page.keyboard.press("g")
    account_page.keyboard.press("c")
    account_page.wait_for_url("**/containers/")


def test_the_theme_goes_round_and_is_remembered(account_page: Page) -> None:
    root = account_page.locator("html")
    toggle = account_page.locator("[data-theme-toggle]")
    for theme in ("light", "dark"):
        toggle.click()
        expect(root).to_have_attribute("data-theme", theme)
    account_page.reload()
    expect(root).to_have_attribute("data-theme", "dark")
    toggle.click()
    expect(root).not_to_have_attribute("data-theme", "dark")


def test_a_menu_is_worked_with_the_keyboard(account_page: Page) -> None:
    opener = account_page.get_by_label("Account menu")
    opener.focus()
    account_page.keyboard.press("Enter")
    expect(account_page.locator("#me-menu")).to_be_visible()
    account_page.keyboard.press("Escape")
    expect(account_page.locator("#me-menu")).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_form_in_a_dialog_says_what_is_wrong_and_stays_open(
    admin_page: Page, make_container: MakeContainer, complaints: Complaints
) -> None:
    complaints.expect("status of 400")
    admin_page.goto(f"/containers/{make_container()}/")
    admin_page.get_by_label("More actions for").click()
    admin_page.get_by_role("menuitem", name="Rename").click()
    admin_page.get_by_label("New name").fill("not a name!")
    admin_page.keyboard.press("Enter")
    expect(admin_page.locator(".toast.bad")).to_be_visible()
    expect(admin_page.get_by_label("New name")).to_be_visible()


def test_an_error_without_words_becomes_a_toast_and_leaves_the_page_alone(
    admin_page: Page, make_container: MakeContainer, complaints: Complaints
) -> None:
    complaints.expect("status of 502|ERR_FAILED|htmx")
    admin_page.goto(f"/containers/{make_container()}/")
    heading = admin_page.locator("h1").inner_text()
    admin_page.route("**/restart", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    admin_page.get_by_role("button", name="Restart").click()
    expect(admin_page.locator(".toast.bad")).to_contain_text("status 502")
    admin_page.route("**/restart", lambda route: route.abort())
    admin_page.get_by_role("button", name="Restart").click()
    expect(admin_page.locator(".toast.bad").last).to_contain_text("did not answer")
    expect(admin_page.locator("h1")).to_have_text(heading)


def test_a_second_click_while_the_first_still_runs_does_nothing(
    admin_page: Page, make_container: MakeContainer
) -> None:
    admin_page.goto(f"/containers/{make_container()}/")
    waiting: list[Route] = []
    admin_page.route("**/restart", lambda route: waiting.append(route))
    button = admin_page.get_by_role("button", name="Restart")
    button.click()
    expect(button).to_have_attribute("aria-busy", "true")
    button.dispatch_event("click")
    waiting.pop().continue_()
    expect(admin_page.locator(".toast.ok")).to_contain_text("Restarted")
    expect(button).not_to_have_attribute("aria-busy", "true")
    assert waiting == []


def test_a_lost_connection_is_said_after_a_moment_and_taken_back(
    admin_page: Page, make_container: MakeContainer, complaints: Complaints
) -> None:
    complaints.expect("ERR_INTERNET_DISCONNECTED")
    admin_page.goto(f"/containers/{make_container()}/")
    expect(admin_page.locator(".banner")).to_be_hidden()
    admin_page.context.set_offline(True)
    admin_page.evaluate("() => window.dispatchEvent(new Event('online'))")  # look at the connection now
    expect(admin_page.locator(".banner")).to_contain_text("Connection lost", timeout=15_000)
    admin_page.context.set_offline(False)
    expect(admin_page.locator(".banner")).to_be_hidden(timeout=20_000)
