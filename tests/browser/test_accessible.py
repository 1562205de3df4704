"""Every page in light and dark, on desktop and phone: no axe violation, no console error, no sideways scroll.

Pages are found by their address: it ends with a slash (or is one of ``FORMS``). A new one is tested by being
there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.support.chromium import SIZES, Complaints, assert_accessible, screenshot
from tests.support.engine import IMAGE, MakeContainer

if TYPE_CHECKING:
    from dockerui.engine import Engine

FORMS = ("containers/new", "volumes/new", "networks/new", "registries/new", "images/search", "images/prune")
FORMS += tuple(f"images/{name}" for name in ("pull", "load", "import", "build"))
OWN_TESTS = ("jobs/<uuid:job_id>/", "registries/<int:registry_id>/")  # their objects take more than a name
VARIANTS = list(product(("light", "dark"), SIZES))


def pages() -> list[str]:
    """The addresses of all pages, as the URL patterns spell them."""
    from dockerui.web.urls import urlpatterns

    routes = [str(pattern.pattern) for pattern in urlpatterns]
    return [route for route in routes if (route.endswith("/") or route in FORMS) and route not in OWN_TESTS]


@pytest.fixture(scope="session")
def windows(
    browser: Browser, browser_context_args: dict[str, Any], admin_state: Any
) -> Iterator[dict[tuple[str, str], BrowserContext]]:
    """A signed-in browser for each theme and size."""
    made = {
        (theme, size): browser.new_context(
            **{
                **browser_context_args,
                "color_scheme": theme,
                "viewport": SIZES[size],
                "storage_state": admin_state,
            }
        )
        for theme, size in VARIANTS
    }
    yield made
    for context in made.values():
        context.close()


@pytest.fixture
def names(engine: Engine, labels: dict[str, str], make_container: MakeContainer) -> dict[str, str]:
    """An object of each kind: what stands in the addresses for ``<str:ref>`` and ``<str:name>``."""
    mark = labels["dockerui.test"][:8]
    engine.volume_create({"Name": f"v-{mark}", "Labels": labels})
    network = engine.network_create({"Name": f"n-{mark}", "Labels": labels})["Id"]
    script = "while :; do echo level=info msg=hello; sleep 1; done"
    project = {"com.docker.compose.project": f"p-{mark}", "com.docker.compose.service": "web"}
    container = make_container("sh", "-c", script, name=f"c-{mark}", Labels=project)
    return {
        "containers": container,
        "volumes": f"v-{mark}",
        "networks": str(network),
        "images": IMAGE,
        "projects": f"p-{mark}",
    }


@pytest.mark.parametrize("route", pages())
def test_page(
    windows: dict[tuple[str, str], BrowserContext], names: dict[str, str], complaints: Complaints, route: str
) -> None:
    path = re.sub("<[^>]+>", names.get(route.split("/")[0], ""), route)
    if route == "logs/":
        path += f"?id={names['containers']}"
    shown = re.sub(r"\W+", "-", re.sub("<[^>]+>/?", "", route)).strip("-") or "home"
    for (theme, size), context in windows.items():
        page = context.new_page()
        complaints.watch_page(page)
        response = page.goto(f"/{path}")
        assert response is not None
        assert response.status == 200
        page.wait_for_load_state("networkidle")  # widgets load lazily
        screenshot(page, f"pages/{shown}-{theme}-{size}")
        assert_accessible(page)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{path} scrolls sideways by {wide} px at {size}"
        high = page.evaluate("document.documentElement.scrollHeight - document.documentElement.clientHeight")
        assert high <= 0, f"the frame of {path} can be scrolled away by {high} px at {size}"
        page.close()


@pytest.mark.parametrize(("theme", "size"), VARIANTS)
def test_login_page(browser: Browser, browser_context_args: dict[str, Any], theme: str, size: str) -> None:
    with browser.new_context(
        **{**browser_context_args, "color_scheme": theme, "viewport": SIZES[size]}
    ) as context:
        page = context.new_page()
        page.goto("/login")
        screenshot(page, f"pages/login-{theme}-{size}")
        assert_accessible(page)
