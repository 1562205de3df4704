"""Every page in light and dark, on desktop and phone: no axe violation, no console error, no sideways scroll."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.support.chromium import SIZES, assert_accessible, screenshot
from tests.support.engine import MakeContainer

PAGES = ["/login", "/", "/containers/", "/containers/new", "/jobs/", "/account/", "/accounts/", "/audit/"]
TABS = ["", "logs/", "terminal/", "stats/", "processes/", "changes/", "inspect/"]


@pytest.fixture
def look(new_page: Callable[..., Page], admin_state: Any) -> Callable[[str, str, str], None]:
    """Open a page in a theme and a size, and check it."""

    def check(path: str, theme: str, size: str) -> None:
        page = new_page(
            color_scheme=theme,
            viewport=SIZES[size],
            storage_state=None if path == "/login" else admin_state,
        )
        response = page.goto(path)
        assert response is not None
        assert response.status == 200
        page.wait_for_load_state("networkidle" if path == "/login" else "load")
        name = path.strip("/").replace("/", "-") or "home"
        screenshot(page, f"pages/{name}-{theme}-{size}")
        assert_accessible(page)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{path} scrolls sideways by {wide} px at {size}"

    return check


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_page(look: Callable[[str, str, str], None], path: str, theme: str, size: str) -> None:
    look(path, theme, size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_container_page(
    look: Callable[[str, str, str], None], make_container: MakeContainer, theme: str, size: str
) -> None:
    container = make_container("sh", "-c", "while :; do echo hello; sleep 1; done")
    for tab in TABS:
        look(f"/containers/{container}/{tab}", theme, size)
