"""Images in a browser: a pull with progress that survives a reload, a build from a folder, save and load."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.support.engine import IMAGE
from tests.support.registry import RegistryServer

if TYPE_CHECKING:
    from dockerui.engine import Engine

STATE = "[data-state]"


@pytest.fixture
def name(engine: Engine) -> Iterator[str]:
    """A name of this test's own; whatever carries it is removed."""
    mark = f"dut-{uuid.uuid4().hex[:10]}"
    yield mark
    for image in engine.image_list():
        for tag in image.get("RepoTags") or ():
            if mark in tag:
                engine.image_remove(tag, force=True)


def fields(page: Page, **values: str) -> None:
    for label, value in values.items():
        page.get_by_label(label.replace("_", " "), exact=True).fill(value)


def succeeded(page: Page) -> None:
    expect(page.locator(STATE)).to_have_text("succeeded", timeout=60_000)


def test_a_folder_is_built_without_what_its_dockerignore_names(
    admin_page: Page, tmp_path: Path, engine: Engine, name: str
) -> None:
    folder = tmp_path / "context"
    for path, text in {
        "Dockerfile": f"FROM {IMAGE}\nCOPY . /app\nRUN printf '\\033[31mred\\033[0m\\n'; find /app | sort\n",
        ".dockerignore": "node_modules\n**/*.log\n!keep.log\n",
        "src/a.js": "a",
        "src/b.log": "b",
        "keep.log": "k",
        "node_modules/x/y.js": "x",
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    admin_page.goto("/images/build")
    admin_page.locator("[data-folder]").set_input_files(folder)
    expect(admin_page.locator("[data-chosen]")).to_contain_text("2 left out by .dockerignore")
    fields(admin_page, Names=f"{name}:v1")
    admin_page.get_by_role("button", name="Build", exact=True).click()
    admin_page.wait_for_url(re.compile("/jobs/"))
    succeeded(admin_page)
    output = admin_page.locator("[data-output]")
    expect(output).to_contain_text("/app/src/a.js")
    expect(output).to_contain_text("/app/keep.log")
    expect(output).not_to_contain_text("node_modules")
    expect(output).not_to_contain_text("b.log")
    expect(output.locator("span.f1", has_text="red").first).to_be_visible()
    admin_page.reload()
    expect(output.locator("span.f1", has_text="red").first).to_be_visible()
    admin_page.get_by_role("link", name=re.compile("^Open ")).click()
    expect(admin_page.get_by_role("heading", level=1)).to_have_text(f"{name}:v1")


def test_a_build_that_fails_says_so(admin_page: Page) -> None:
    admin_page.goto("/images/build")
    admin_page.get_by_text("Dockerfile", exact=True).first.click()
    admin_page.locator("[name=text]").fill(f"FROM {IMAGE}\nRUN echo before; exit 3\n")
    admin_page.get_by_role("button", name="Build", exact=True).click()
    expect(admin_page.locator(STATE)).to_have_text("failed", timeout=60_000)
    expect(admin_page.locator("[data-error]")).to_contain_text("3")
    expect(admin_page.locator("[data-output]")).to_contain_text("before")


def test_a_pull_shows_its_layers_survives_a_reload_and_ends_with_a_toast(
    admin_page: Page, engine: Engine, registry: RegistryServer, name: str
) -> None:
    page, full = admin_page, f"{registry.address}/{name}"
    page.goto("/registries/new")
    fields(page, Address=registry.address, User_name=registry.username)
    page.get_by_label("Password or access token").fill(registry.password)
    page.get_by_role("button", name="Store and check").click()
    expect(page.get_by_text("takes these credentials")).to_be_visible()
    build_and_push(page, full)
    engine.image_remove(f"{full}:big")
    page.goto(f"/images/pull?image={full}:big")
    page.get_by_role("button", name="Pull", exact=True).click()
    expect(page.locator("[data-items] li").first).to_be_visible()
    page.reload()
    succeeded(page)
    expect(page.locator("[data-items] li").or_(page.locator("[data-output]")).first).to_be_attached()
    assert engine.image_inspect(f"{full}:big")
    forget(page, registry.address)


def build_and_push(page: Page, full: str) -> None:
    page.goto("/images/build")
    page.get_by_text("Dockerfile", exact=True).first.click()
    page.locator("[name=text]").fill(f"FROM {IMAGE}\nRUN head -c 40000000 /dev/urandom > /noise\n")
    fields(page, Names=f"{full}:big")
    page.get_by_role("button", name="Build", exact=True).click()
    succeeded(page)
    page.get_by_role("link", name=re.compile("^Open ")).click()
    page.get_by_role("button", name=re.compile("^More actions")).click()
    page.get_by_role("menuitem", name="Push…").click()
    page.get_by_role("dialog").get_by_role("button", name="Push").click()
    page.wait_for_url(re.compile("/jobs/"))
    succeeded(page)


def forget(page: Page, address: str) -> None:
    page.goto("/registries/")
    page.get_by_role("button", name=f"Forget {address}").click()
    page.get_by_role("dialog").get_by_role("button", name="Forget").click()
    expect(page.get_by_text("are forgotten")).to_be_visible()


def test_a_pull_is_cancelled_from_its_page(admin_page: Page, silent_port: int) -> None:
    admin_page.goto(f"/images/pull?image=127.0.0.1:{silent_port}/x:v1")
    admin_page.get_by_role("button", name="Pull", exact=True).click()
    expect(admin_page.locator(STATE)).to_have_text("running")
    expect(admin_page.get_by_role("button", name="Jobs: 1 running")).to_be_visible()
    admin_page.get_by_role("button", name="Cancel").click()
    expect(admin_page.locator(STATE)).to_have_text("cancelled")
    expect(admin_page.get_by_role("button", name="Cancel")).to_have_count(0)


def test_an_image_is_saved_removed_and_loaded_again(
    admin_page: Page, engine: Engine, name: str, tmp_path: Path
) -> None:
    page = admin_page
    engine.image_tag(IMAGE, repo=name, tag="v1")
    page.goto("/images/")
    page.get_by_label(f"Select {name}:v1").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save selected as one tar").click()
    saved = tmp_path / "saved.tar"
    download.value.save_as(saved)
    page.get_by_role("button", name=f"Remove {name}:v1").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_label(f"Select {name}:v1")).to_have_count(0)
    page.goto("/images/load")
    page.get_by_label("Archive").set_input_files(saved)
    page.get_by_role("button", name="Load", exact=True).click()
    succeeded(page)
    expect(page.locator("[data-message]")).to_have_text(f"Loaded {name}:v1")
    assert engine.image_inspect(f"{name}:v1")


def test_the_list_follows_the_engine_and_filters_as_one_types(
    admin_page: Page, engine: Engine, name: str
) -> None:
    admin_page.goto("/images/")
    engine.image_tag(IMAGE, repo=name, tag="v1")
    row = admin_page.get_by_label(f"Select {name}:v1")
    expect(row).to_be_visible()
    search = admin_page.get_by_label("Filter images")
    search.fill("no such thing")
    expect(row).to_be_hidden()
    search.fill(f"{name[:8]} v1")
    expect(row).to_be_visible()
    engine.image_remove(f"{name}:v1")
    expect(row).to_have_count(0)
    expect(search).to_have_value(f"{name[:8]} v1")
