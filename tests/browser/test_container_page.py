"""A container's page in a real browser: changed by somebody else, and its list of changes filtered."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from dockerui.engine import Engine

MakeContainer = Callable[..., str]


def test_the_page_follows_what_somebody_else_does(
    admin_page: Page, make_container: MakeContainer, engine: Engine
) -> None:
    container = make_container()
    admin_page.goto(f"/containers/{container}/")
    head = admin_page.locator("#chead")
    expect(head).to_contain_text("running")
    engine.container_stop(container, t=1)
    expect(head).to_contain_text("exited")
    expect(admin_page.locator("#overview")).to_contain_text("exit code")
    engine.container_remove(container)
    expect(admin_page.get_by_text("This container has been removed.")).to_be_visible()


def test_a_page_that_was_opened_by_name_survives_a_new_name(
    admin_page: Page, make_container: MakeContainer, engine: Engine, labels: dict[str, str]
) -> None:
    name = f"named-{labels['dockerui.test'][:8]}"
    container = make_container(name=name)
    admin_page.goto(f"/containers/{name}/")
    engine.container_rename(container, name=f"{name}-new")
    expect(admin_page.locator("#chead h1")).to_contain_text(f"{name}-new")


def test_changes_are_filtered_by_path(
    admin_page: Page, make_container: MakeContainer, engine: Engine
) -> None:
    container = make_container("sh", "-c", "echo a >/apple; echo b >/banana")
    engine.container_wait(container)
    admin_page.goto(f"/containers/{container}/changes/")
    apple, banana = (
        admin_page.get_by_role("link", name="/apple"),
        admin_page.get_by_role("link", name="/banana"),
    )
    expect(banana).to_be_visible()
    admin_page.locator("[data-widget=row-filter]").fill("APPLE")
    expect(banana).to_be_hidden()
    expect(apple).to_be_visible()
