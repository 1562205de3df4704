"""The containers list in a real browser, on the real Engine."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.chromium import SIZES, assert_accessible, screenshot
from tests.support.engine import IMAGE

if TYPE_CHECKING:
    from dockerui.engine import Engine

MakeContainer = Callable[..., str]


@pytest.fixture
def mark(labels: dict[str, str]) -> str:
    """Part of the names of this test's containers."""
    return labels["dockerui.test"][:8]


@pytest.fixture
def own_list(labels: dict[str, str]) -> str:
    """The list with nothing but this test's containers: others use the Engine too."""
    return f"/containers/?label=dockerui.test={labels['dockerui.test']}"


def row(page: Page, name: str) -> Locator:
    return page.locator(f'tr.row[data-name="{name}"]')


def shown(page: Page) -> list[str]:
    names = page.locator("tr.row:visible").evaluate_all("rows => rows.map(row => row.dataset.name)")
    return [str(name) for name in names]


def test_it_follows_the_engine(
    admin_page: Page, own_list: str, mark: str, make_container: MakeContainer, engine: Engine
) -> None:
    first = make_container(name=f"a-{mark}")
    admin_page.goto(own_list)
    expect(row(admin_page, f"a-{mark}")).to_have_attribute("data-state", "running")
    row(admin_page, f"a-{mark}").locator(".pick").check()

    second = make_container(name=f"b-{mark}", Labels={"com.docker.compose.project": f"p-{mark}"})
    expect(row(admin_page, f"b-{mark}")).to_be_visible()
    expect(admin_page.locator(f'tbody[data-project="p-{mark}"] .grp')).to_contain_text("1 of 1 running")

    engine.container_kill(first)
    expect(row(admin_page, f"a-{mark}")).to_have_attribute("data-state", "exited")
    expect(row(admin_page, f"a-{mark}")).to_contain_text("code 137")
    expect(row(admin_page, f"a-{mark}").locator(".pick")).to_be_checked()

    engine.container_remove(second, force=True)
    expect(row(admin_page, f"b-{mark}")).to_have_count(0)
    expect(admin_page.locator(f'tbody[data-project="p-{mark}"] .grp:visible')).to_have_count(0)


def test_a_storm_leaves_every_list_right(
    new_page: Callable[..., Page],
    admin_state: object,
    own_list: str,
    mark: str,
    labels: dict[str, str],
    engine: Engine,
) -> None:
    grouped, flat = (new_page(storage_state=admin_state) for _ in range(2))
    grouped.goto(own_list)
    flat.goto(f"{own_list}&group=0&sort=-name")

    def make(n: int) -> None:
        """Every third goes as soon as it is there; odd ones belong to a project."""
        project = {"com.docker.compose.project": f"p{n % 8}-{mark}"} if n % 2 else {}
        body = {"Image": IMAGE, "Cmd": ["true"], "Labels": {**labels, **project}}
        made = engine.container_create(body, name=f"s{n}-{mark}")
        if n % 3 == 0:
            engine.container_remove(made["Id"])

    with ThreadPoolExecutor(8) as workers:
        list(workers.map(make, range(200)))
    left = [n for n in range(200) if n % 3]
    for page in (grouped, flat):
        expect(page.locator("tr.row")).to_have_count(len(left), timeout=60_000)
        expect(page.locator("[data-count=all]")).to_have_text(str(len(left)))
    assert shown(flat) == [f"s{n}-{mark}" for n in reversed(left)]
    by_project = sorted(left, key=lambda n: (n % 8 if n % 2 else 8, n))  # those of no project come last
    assert shown(grouped) == [f"s{n}-{mark}" for n in by_project]
    for n in (1, 3, 5, 7):
        members = sum(each % 8 == n for each in left)
        header = grouped.locator(f'tbody[data-project="p{n}-{mark}"] .grp')
        expect(header).to_contain_text(f"0 of {members} running")

    with ThreadPoolExecutor(8) as workers:
        list(workers.map(lambda n: engine.container_remove(f"s{n}-{mark}"), left))
    for page in (grouped, flat):
        expect(page.locator("tr.row")).to_have_count(0, timeout=60_000)
        expect(page.get_by_text("The Engine has no container like this")).to_be_visible()
        expect(page.get_by_text("No container matches")).to_be_hidden()


def test_the_filter_works_as_one_types_and_keeps_the_focus(
    admin_page: Page, own_list: str, mark: str, make_container: MakeContainer, engine: Engine
) -> None:
    for name in ("web-1", "web-2", "db"):
        make_container(name=f"{name}-{mark}")
    admin_page.goto(own_list)
    admin_page.keyboard.press("/")
    admin_page.keyboard.type("web")
    expect(admin_page.locator("tr.row:visible")).to_have_count(2)
    make_container(name=f"web-3-{mark}")  # a change in the middle of typing
    expect(admin_page.locator("tr.row:visible")).to_have_count(3)
    admin_page.keyboard.type("-3")
    expect(admin_page.locator("tr.row:visible")).to_have_count(1)
    expect(admin_page.locator("[data-count=running]")).to_have_text("1")
    admin_page.wait_for_url("**q=web-3**")
    admin_page.reload()
    expect(admin_page.locator("tr.row:visible")).to_have_count(1)
    expect(admin_page.locator("[data-filter]")).to_have_value("web-3")
    admin_page.locator("[data-filter]").fill("nothing like this")
    admin_page.get_by_role("button", name="Show all").click()
    expect(admin_page.locator("tr.row:visible")).to_have_count(4)


def test_keys_move_and_select_and_shift_click_takes_a_range(
    admin_page: Page, own_list: str, mark: str, make_container: MakeContainer
) -> None:
    for n in range(5):
        make_container("true", name=f"k{n}-{mark}", start=False)
    admin_page.goto(own_list)
    expect(admin_page.locator("th[aria-sort]")).to_have_count(1)  # the widget is there
    for key in ("j", "j", "x"):
        admin_page.keyboard.press(key)
    expect(row(admin_page, f"k1-{mark}").locator(".pick")).to_be_checked()
    row(admin_page, f"k4-{mark}").locator(".pick").click(modifiers=["Shift"])
    expect(admin_page.locator("[data-selected]").first).to_have_text("4")
    assert_accessible(admin_page)
    admin_page.keyboard.press("Escape")
    expect(admin_page.locator("[data-selected]").first).to_have_text("0")
    admin_page.keyboard.press("k")
    admin_page.keyboard.press("Enter")
    admin_page.wait_for_url("**/containers/*/")


def test_bulk_actions_report_each_result(
    admin_page: Page, own_list: str, mark: str, make_container: MakeContainer, engine: Engine
) -> None:
    make_container(name=f"good-{mark}")
    make_container(name=f"gone-{mark}")
    admin_page.goto(own_list)
    admin_page.locator("[data-select-all]").check()
    admin_page.get_by_role("button", name="Pause", exact=True).click()
    expect(admin_page.locator(".toast.ok")).to_contain_text("Paused 2 containers")
    expect(admin_page.locator('tr.row[data-state="paused"]')).to_have_count(2)

    engine.container_unpause(f"gone-{mark}")
    expect(row(admin_page, f"gone-{mark}")).to_have_attribute("data-state", "running")
    admin_page.locator("[data-select-all]").check()
    admin_page.get_by_role("button", name="Unpause").click()
    expect(admin_page.locator(".toast.bad")).to_contain_text(f"gone-{mark}")
    expect(row(admin_page, f"good-{mark}")).to_have_attribute("data-state", "running")
    expect(row(admin_page, f"gone-{mark}").locator(".pick")).to_be_checked()
    expect(row(admin_page, f"good-{mark}").locator(".pick")).not_to_be_checked()


def test_the_palette_acts_on_the_ticked(
    admin_page: Page, own_list: str, mark: str, make_container: MakeContainer
) -> None:
    make_container(name=f"one-{mark}")
    admin_page.goto(own_list)
    row(admin_page, f"one-{mark}").locator(".pick").check()
    expect(admin_page.locator("[data-selected]").first).to_have_text("1")
    admin_page.keyboard.press("Control+k")
    admin_page.keyboard.type("pause")
    palette = admin_page.get_by_role("dialog")
    expect(palette).to_contain_text("1 selected container")
    expect(palette.get_by_role("option").first).to_have_text("Pause")
    admin_page.keyboard.press("Enter")
    expect(row(admin_page, f"one-{mark}")).to_have_attribute("data-state", "paused")


def test_removing_names_what_goes_and_can_be_cancelled(
    admin_page: Page, own_list: str, mark: str, make_container: MakeContainer
) -> None:
    make_container(name=f"doomed-{mark}")
    admin_page.goto(own_list)
    expect(admin_page.locator("th[aria-sort]")).to_have_count(1)  # the widget is there
    admin_page.get_by_label(f"More actions for doomed-{mark}").click()
    admin_page.get_by_role("menuitem", name="Remove").click()
    dialog = admin_page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"Remove doomed-{mark}?")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    assert_accessible(admin_page)
    admin_page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(row(admin_page, f"doomed-{mark}")).to_be_visible()

    admin_page.get_by_label(f"More actions for doomed-{mark}").click()
    admin_page.get_by_role("menuitem", name="Remove").click()
    dialog.get_by_label("Kill it if it runs").check()
    dialog.get_by_role("button", name="Remove").click()
    expect(row(admin_page, f"doomed-{mark}")).to_have_count(0)
    expect(admin_page.locator(".toast.ok")).to_contain_text(f"Removed doomed-{mark}")


def test_sort_grouping_density_and_columns(
    admin_page: Page, own_list: str, mark: str, make_container: MakeContainer
) -> None:
    for n, project in ((1, "y"), (10, "x"), (2, "y")):
        make_container(
            "true",
            name=f"s{n}-{mark}",
            start=False,
            Labels={"com.docker.compose.project": f"{project}-{mark}"},
        )
    admin_page.goto(own_list)
    expect(admin_page.locator("th[aria-sort]")).to_have_count(1)  # the widget is there
    assert shown(admin_page) == [f"s10-{mark}", f"s1-{mark}", f"s2-{mark}"]
    admin_page.get_by_role("button", name="Columns").click()
    admin_page.get_by_role("button", name="Group by project").click()
    admin_page.keyboard.press("Escape")
    assert shown(admin_page) == [f"s1-{mark}", f"s2-{mark}", f"s10-{mark}"]
    admin_page.get_by_role("button", name="Name").click()
    assert shown(admin_page) == [f"s10-{mark}", f"s2-{mark}", f"s1-{mark}"]
    expect(admin_page.locator("th.c-name")).to_have_attribute("aria-sort", "descending")
    admin_page.wait_for_url("**sort=-name&group=0")
    admin_page.locator("[data-density]").first.click()
    expect(admin_page.locator("html")).to_have_attribute("data-density", "compact")
    admin_page.get_by_role("button", name="Columns").click()
    admin_page.get_by_label("Created", exact=True).check()
    expect(row(admin_page, f"s1-{mark}").locator(".c-created")).to_be_visible()
    admin_page.reload()
    expect(row(admin_page, f"s1-{mark}").locator(".c-created")).to_be_visible()
    assert shown(admin_page) == [f"s10-{mark}", f"s2-{mark}", f"s1-{mark}"]


def test_figures_and_sparklines_move(
    admin_page: Page, own_list: str, mark: str, make_container: MakeContainer
) -> None:
    make_container("sh", "-c", "while :; do :; done", name=f"busy-{mark}", HostConfig={"Memory": 32 << 20})
    admin_page.goto(own_list)
    cells = row(admin_page, f"busy-{mark}")
    expect(cells.locator(".c-cpu b")).to_have_text(re.compile(r"\d+(\.\d)?%"), timeout=10_000)
    expect(cells.locator(".c-mem .num")).to_contain_text("32 MiB")
    line = cells.locator(".c-cpu path:not(.a)")
    before = line.get_attribute("d")
    expect(line).not_to_have_attribute("d", before or "", timeout=10_000)
    screenshot(admin_page, "containers-list")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible(
    new_page: Callable[..., Page],
    admin_state: object,
    own_list: str,
    make_container: MakeContainer,
    size: str,
    scheme: str,
) -> None:
    make_container()
    page = new_page(storage_state=admin_state, viewport=SIZES[size], color_scheme=scheme)
    page.goto(own_list)
    expect(page.locator("tr.row")).to_have_count(1)
    assert_accessible(page)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
