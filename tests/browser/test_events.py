"""The events page in a real browser, on the real Engine."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.engine import MakeContainer

if TYPE_CHECKING:
    from dockerui.engine import Engine


@pytest.fixture
def own_events(labels: dict[str, str]) -> str:
    """The page with nothing but this test's events: others use the Engine too."""
    return f"/events/?label=dockerui.test={labels['dockerui.test']}"


def line(page: Page, text: str) -> Locator:
    return page.locator(".events li:not([hidden])", has_text=text)


def test_events_appear_as_sentences_newest_first(
    admin_page: Page, own_events: str, engine: Engine, make_container: MakeContainer
) -> None:
    admin_page.goto(own_events)
    expect(admin_page.get_by_text("Nothing has happened that fits the filters")).to_be_visible()
    container = make_container()
    name = engine.container_inspect(container)["Name"].lstrip("/")
    expect(line(admin_page, f"{name} started")).to_be_visible()
    engine.container_kill(container)
    expect(admin_page.locator(".events li:not([hidden])").first).to_contain_text(
        f"{name} exited with code 137"
    )
    line(admin_page, f"{name} started").get_by_role("link", name=name).click()
    expect(admin_page).to_have_url(re.compile(container))


def test_pausing_holds_events_back(
    admin_page: Page, own_events: str, engine: Engine, make_container: MakeContainer
) -> None:
    container = make_container()
    admin_page.goto(own_events)
    expect(line(admin_page, "started")).to_be_visible()
    admin_page.keyboard.press("p")
    engine.container_pause(container)
    pause = admin_page.locator("[data-pause]")
    expect(pause).to_contain_text("1 new")
    expect(line(admin_page, "was paused")).to_have_count(0)
    pause.click()
    expect(line(admin_page, "was paused")).to_be_visible()


def test_raw_json_opens_and_a_command_line_takes_another_click(
    admin_page: Page, own_events: str, engine: Engine, make_container: MakeContainer
) -> None:
    container = make_container()
    engine.exec_create(container, {"Cmd": ["echo", "hunter2"]})
    admin_page.goto(own_events)
    expect(line(admin_page, "started")).to_be_visible()
    expect(line(admin_page, "A command was prepared")).to_have_count(0)  # routine
    admin_page.get_by_text("Everything", exact=True).click()
    prepared = line(admin_page, "A command was prepared")
    prepared.get_by_role("button", name="Show the raw event").click()
    raw = prepared.locator("pre")
    expect(raw).to_contain_text("exec_create")
    assert "hunter2" not in admin_page.content()
    assert json.loads(raw.inner_text())["Actor"]["ID"] == container
    prepared.get_by_role("button", name="Show the command line").click()
    expect(raw).to_contain_text("hunter2")
    admin_page.get_by_text("Notable", exact=True).click()


def test_filters_narrow_what_the_engine_tells_and_text_what_is_shown(
    admin_page: Page, own_events: str, engine: Engine, make_container: MakeContainer
) -> None:
    engine.container_kill(make_container())
    admin_page.goto(own_events)
    expect(line(admin_page, "exited")).to_be_visible()
    admin_page.locator("#filter").fill("started")
    expect(line(admin_page, "exited")).to_have_count(0)
    expect(line(admin_page, "started")).to_be_visible()
    admin_page.get_by_role("button", name="Filters").click()
    admin_page.locator("input[name=event]").fill("die")
    admin_page.get_by_role("button", name="Apply").click()
    expect(admin_page).to_have_url(re.compile("event=die"))
    expect(line(admin_page, "exited")).to_be_visible()
    expect(line(admin_page, "started")).to_have_count(0)
    expect(admin_page.locator(".chips")).to_contain_text("event: die")


def test_the_download_is_one_document_a_line_without_command_lines(
    admin_page: Page, own_events: str, engine: Engine, make_container: MakeContainer
) -> None:
    container = make_container()
    engine.exec_create(container, {"Cmd": ["echo", "hunter2"]})
    admin_page.goto(own_events)
    with admin_page.expect_download() as download:
        admin_page.get_by_role("link", name="Download").click()
    assert re.fullmatch(r"events-\d{8}-\d{6}\.ndjson", download.value.suggested_filename)
    text = download.value.path().read_text()
    events = [json.loads(each) for each in text.splitlines()]
    assert [event["Action"].split(":")[0] for event in events][:2] == ["create", "start"]
    assert "hunter2" not in text
