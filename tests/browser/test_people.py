"""Accounts in a real browser: add somebody, disable them, log out; and an Engine that is away."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dockerui.engine import Engine
from tests.support.chromium import PASSWORD, SIZES, Complaints, assert_accessible, login, screenshot, set_up
from tests.support.server import LiveServer, StartServer


def add(page: Page, name: str, role: str = "Viewer") -> None:
    """Make an account through the dialog on the page of people."""
    page.goto("/accounts/")
    page.get_by_role("button", name="Add somebody").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("User name").fill(name)
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_label("Role").select_option(role)
    assert_accessible(page)
    dialog.get_by_role("button", name="Add").click()
    expect(page.locator("#toasts")).to_contain_text(f"{name} can log in now")


def act(page: Page, name: str, action: str) -> None:
    """Choose something from the menu of an account."""
    page.goto("/accounts/")
    page.get_by_role("button", name=f"Actions for {name}").click()
    page.get_by_role("menuitem", name=action).click()


def test_somebody_who_is_disabled_is_out_within_five_seconds(
    admin_page: Page, new_page: Callable[..., Page], complaints: Complaints
) -> None:
    complaints.expect(r"status of 403.*/login")
    add(admin_page, "disabled")
    theirs = new_page()
    login(theirs, "disabled")
    theirs.goto("/containers/")
    act(admin_page, "disabled", "Disable…")
    admin_page.get_by_role("dialog").get_by_role("button", name="Disable").click()
    theirs.wait_for_url("**/login?next=**", timeout=5_000)
    theirs.get_by_label("User name").fill("disabled")
    theirs.get_by_label("Password").fill(PASSWORD)
    theirs.get_by_role("button", name="Log in").click()
    expect(theirs.get_by_role("alert")).to_contain_text("do not go together")
    assert_accessible(theirs)


def test_a_viewer_sees_no_button_that_changes_anything(
    admin_page: Page, new_page: Callable[..., Page]
) -> None:
    add(admin_page, "onlooker")
    page = new_page()
    login(page, "onlooker")
    page.goto("/containers/")
    expect(page.get_by_role("heading", name="Containers")).to_be_visible()
    expect(page.get_by_role("link", name="New container")).to_be_hidden()
    expect(page.get_by_role("link", name="People")).to_have_count(0)


def test_log_out_is_in_the_account_menu(admin_page: Page, new_page: Callable[..., Page]) -> None:
    add(admin_page, "leaver")
    page = new_page()
    login(page, "leaver")
    page.goto("/account/")
    page.get_by_role("button", name="Account menu").click()
    assert_accessible(page)
    page.get_by_role("menuitem", name="Log out").click()
    page.wait_for_url(lambda url: "/login" in url)  # by the answer, or by the socket that heard of it first
    page.goto("/account/")
    page.wait_for_url("**/login?next=/account/")


def test_on_a_phone_the_rest_is_behind_more(new_page: Callable[..., Page], admin_state: object) -> None:
    page = new_page(viewport=SIZES["390"], storage_state=admin_state)
    page.goto("/account/")
    page.get_by_role("button", name="More").click()
    assert_accessible(page)
    screenshot(page, "pages/more-390")
    page.get_by_role("menuitem", name="Audit log").click()
    page.wait_for_url("**/audit/")


@pytest.mark.slow
def test_a_page_without_an_engine_says_why_and_goes_on_when_it_answers(
    new_page: Callable[..., Page],
    start_live_server: StartServer,
    docker_host: str,
    tmp_path: Path,
    complaints: Complaints,
) -> None:
    complaints.expect(r"status of 503")
    socket = tmp_path / "docker.sock"
    server: LiveServer = start_live_server(docker_host=f"unix://{socket}")
    page = new_page(base_url=server.url)
    set_up(page, server)
    page.goto("/containers/")
    expect(page.get_by_role("heading", name="The Engine's socket is not there")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text(str(socket))
    assert_accessible(page)
    screenshot(page, "pages/engine-away")
    socket.symlink_to(docker_host.removeprefix("unix://"))
    expect(page.get_by_role("heading", name="Containers")).to_be_visible(timeout=10_000)
    expect(page.locator(".host")).to_contain_text("CPU")


def test_the_sidebars_counts_follow_the_engine(
    admin_page: Page, engine: Engine, labels: dict[str, str]
) -> None:
    admin_page.goto("/account/")
    count = admin_page.locator("[data-count-of=volumes]")
    expect(count).to_have_text(re.compile(r"^\d+$"))
    before = len(engine.volume_list().get("Volumes") or [])
    for _ in range(3):
        engine.volume_create({"Labels": labels})
    expect(count).not_to_have_text(str(before), timeout=5_000)
