"""Files in a real browser: looked at, filtered, uploaded, replaced, edited, downloaded."""

from __future__ import annotations

import io
import os
import tarfile
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.chromium import SIZES, Complaints, assert_accessible, screenshot

if TYPE_CHECKING:
    from dockerui.engine import Engine

MakeContainer = Callable[..., str]
SETUP = (
    "mkdir -p /app/conf; echo '{\"a\": 1}' > /app/conf/x.json; chmod 600 /app/conf/x.json; touch /app/.env"
)

# Playwright cannot drop files, so the event is made in the page.
DROP = """(where) => {
  const data = new DataTransfer();
  data.items.add(new File(['dropped text'], 'dropped.txt'));
  const target = document.querySelector(where);
  for (const type of ['dragenter', 'drop'])
    target.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def folder(make_container: MakeContainer, engine: Engine) -> str:
    """The address of a folder in a stopped container."""
    container = make_container("sh", "-c", SETUP)
    while engine.container_inspect(container)["State"]["Running"]:
        pass  # each look is a call: it waits for the Engine, not for a clock
    return f"/containers/{container}/files/?path=/app"


def row(page: Page, name: str) -> Locator:
    return page.locator(f'tr[data-name="{name}"]')


def test_files_are_uploaded_replaced_and_downloaded(admin_page: Page, folder: str, tmp_path: Path) -> None:
    page = admin_page
    page.goto(folder)
    expect(row(page, "conf")).to_contain_text("drwxr-xr-x")
    expect(row(page, ".env")).to_be_visible()
    page.get_by_role("button", name="Hidden").click()
    expect(row(page, ".env")).to_be_hidden()
    assert_accessible(page)

    (tmp_path / "tree" / "deep").mkdir(parents=True)
    (tmp_path / "tree" / "deep" / "ü.txt").write_text("deep")
    (tmp_path / "one.txt").write_text("first")
    page.locator("[data-input=files]").set_input_files(tmp_path / "one.txt")
    expect(row(page, "one.txt")).to_contain_text("5 B")
    page.locator("[data-input=folder]").set_input_files(tmp_path / "tree")
    expect(row(page, "tree")).to_contain_text("4 B")
    page.evaluate(DROP, "[data-widget=file-browser]")
    expect(row(page, "dropped.txt")).to_contain_text("12 B")

    (tmp_path / "one.txt").write_text("second!")
    page.locator("[data-input=files]").set_input_files(tmp_path / "one.txt")
    question = page.get_by_role("dialog", name="Replace what is there?")
    expect(question).to_contain_text("one.txt")
    question.get_by_role("button", name="Replace").click()
    expect(row(page, "one.txt")).to_contain_text("7 B")

    page.locator("[data-filter]").fill("one")
    expect(row(page, "tree")).to_be_hidden()
    with page.expect_download() as download:
        row(page, "one.txt").get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "one.txt"
    assert Path(download.value.path()).read_text() == "second!"


def test_a_new_folder_and_a_new_text_file(admin_page: Page, folder: str) -> None:
    page = admin_page
    page.goto(folder)
    page.get_by_role("button", name="New", exact=True).click()
    page.get_by_role("menuitem", name="Folder").click()
    page.locator("#new-folder").fill("made here")
    page.get_by_role("button", name="Make it").click()
    expect(row(page, "made here")).to_contain_text("empty")

    row(page, "made here").get_by_role("link", name="made here", exact=True).click()
    page.get_by_role("button", name="New", exact=True).click()
    page.get_by_role("menuitem", name="Text file").click()
    page.locator("#new-file").fill("notes.md")
    page.get_by_role("button", name="Write it").click()
    page.locator(".cm-content").click()
    page.keyboard.type("# Notes\nline")
    page.keyboard.press("Control+s")
    expect(page.locator("#toasts")).to_contain_text("notes.md is saved")
    expect(page.locator(".file-facts")).to_contain_text("12 B")


def test_a_file_is_edited_and_a_change_by_somebody_else_is_seen(
    admin_page: Page, folder: str, complaints: Complaints
) -> None:
    complaints.expect("409")
    page, address = admin_page, f"{folder}/conf/x.json"
    page.goto(address)
    expect(page.locator(".file-facts")).to_contain_text("-rw-------")
    assert_accessible(page)
    other = page.context.new_page()
    other.goto(address)
    other.locator(".cm-content").click()
    other.keyboard.press("Control+End")
    other.keyboard.type("\n")
    other.get_by_role("button", name="Save").click()
    expect(other.locator("#toasts")).to_contain_text("is saved")

    page.locator(".cm-content").click()
    page.keyboard.press("Control+Home")
    page.keyboard.type(" ")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("has changed since you opened it")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#toasts")).to_contain_text("is saved")
    expect(page.locator(".file-facts")).to_contain_text("-rw-------")


def test_a_drop_on_a_folder_goes_into_it(admin_page: Page, folder: str) -> None:
    page = admin_page
    page.goto(folder)
    page.evaluate(DROP, 'tr[data-name="conf"] td')
    expect(page.locator("#toasts")).to_contain_text("dropped.txt uploaded into /app/conf")
    expect(row(page, "dropped.txt")).to_have_count(0)
    page.evaluate(DROP, 'tr[data-name="conf"] td')
    expect(page.get_by_role("dialog", name="Replace what is there?")).to_contain_text("dropped.txt")
    page.keyboard.press("Escape")
    page.goto(f"{folder}/conf")
    expect(row(page, "dropped.txt")).to_contain_text("12 B")


def test_what_is_not_shown_is_not_replaced_unasked(admin_page: Page, folder: str, tmp_path: Path) -> None:
    page = admin_page
    (tmp_path / ".env").write_text("mine")
    page.goto(folder + "&q=conf")
    expect(row(page, "conf")).to_be_visible()
    page.locator("[data-input=files]").set_input_files(tmp_path / ".env")
    question = page.get_by_role("dialog", name="Replace what is there?")
    expect(question).to_contain_text(".env")
    question.get_by_role("button", name="Cancel").click()
    page.locator("[data-filter]").fill("env")  # of a page that holds a part, the server is asked
    expect(row(page, ".env")).to_contain_text("0 B")
    assert "q=env" in page.url
    page.locator("[data-filter]").fill("")
    expect(row(page, "conf")).to_be_visible()
    expect(row(page, ".env")).to_be_visible()
    assert "q=" not in page.url


def test_a_save_that_fails_takes_nothing_away(
    admin_page: Page, make_container: MakeContainer, engine: Engine, complaints: Complaints
) -> None:
    if engine.server.is_podman:
        pytest.skip("Podman writes into a read-only root")
    complaints.expect("409")
    page = admin_page
    container = make_container(HostConfig={"ReadonlyRootfs": True})
    page.goto(f"/containers/{container}/files/?path=/etc/passwd")
    page.locator(".cm-content").click()
    page.keyboard.type("my long work")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("alert")).to_contain_text("It is read-only there")
    expect(page.locator(".cm-content")).to_contain_text("my long work")
    assert_accessible(page)
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_role("link", name="Processes").click()
    page.wait_for_url("**/processes/")
    assert asked == ["beforeunload"]


def test_saving_keeps_the_caret_and_follows_a_new_file(admin_page: Page, folder: str) -> None:
    page = admin_page
    page.goto(folder.replace("files/?", "files/edit?") + "/new.txt")
    page.locator(".cm-content").click()
    page.keyboard.type("one")
    page.keyboard.press("Control+s")
    expect(page.locator("#file-facts")).to_contain_text("3 B")
    page.keyboard.type(" two")  # where the caret was, without a click
    page.keyboard.press("Control+s")
    expect(page.locator("#file-facts")).to_contain_text("7 B")
    assert "/files/?path=%2Fapp%2Fnew.txt" in page.url
    page.reload()
    expect(page.locator(".cm-content")).to_have_text("one two")


def test_a_bad_archive_is_refused_with_its_reason(
    admin_page: Page, folder: str, tmp_path: Path, complaints: Complaints
) -> None:
    complaints.expect("400")
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("good"))
        tar.addfile(tarfile.TarInfo("../bad"))
    (tmp_path / "bad.tar").write_bytes(out.getvalue())
    page = admin_page
    page.goto(folder)
    page.locator("[data-input=tar]").set_input_files(tmp_path / "bad.tar")
    page.get_by_role("dialog").get_by_role("button", name="Extract").click()
    expect(page.locator("#toasts")).to_contain_text("leads out of its folder")
    expect(row(page, "good")).to_have_count(0)


def large_tar(path: Path, *members: tuple[str, int]) -> Path:
    """An archive whose contents are zeros, with holes for them on the disk."""
    with path.open("wb") as file:
        for name, size in members:
            info = tarfile.TarInfo(name)
            info.size = size
            file.write(info.tobuf(tarfile.PAX_FORMAT))
            file.seek(-(-size // 512) * 512, io.SEEK_CUR)
        file.write(bytes(1024))
    return path


def test_a_large_archive_is_extracted_behind_its_headers(
    admin_page: Page, folder: str, tmp_path: Path
) -> None:
    page, sent = admin_page, []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.goto(folder)
    deep = "deep/" * 30
    archive = large_tar(tmp_path / "large.tar", ("large.bin", 90 << 20), (f"{deep}x.bin", 5), ("last", 700))
    page.locator("[data-input=tar]").set_input_files(archive)
    page.get_by_role("dialog").get_by_role("button", name="Extract").click()
    expect(page.locator("#toasts")).to_contain_text("large.tar is extracted")
    expect(row(page, "large.bin")).to_contain_text("90 MiB")
    expect(row(page, "last")).to_contain_text("700 B")
    expect(row(page, "deep")).to_be_visible()
    assert [url.rpartition("&")[2] for url in sent] == ["check=1", "list=3584"]


@pytest.mark.parametrize(
    ("last", "cut", "words"), [("../bad", 0, "leads out of its folder"), ("good", 1024, "cut short")]
)
def test_a_large_bad_archive_is_refused_by_its_headers(
    admin_page: Page, folder: str, tmp_path: Path, complaints: Complaints, last: str, cut: int, words: str
) -> None:
    complaints.expect("400")
    page, sent = admin_page, []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    archive = large_tar(tmp_path / "bad.tar", ("large.bin", 1 << 30), (last, 0))
    os.truncate(archive, archive.stat().st_size - cut)
    page.goto(folder)
    page.locator("[data-input=tar]").set_input_files(archive)
    page.get_by_role("dialog").get_by_role("button", name="Extract").click()
    expect(page.locator("#toasts")).to_contain_text(words)
    expect(row(page, "large.bin")).to_have_count(0)
    assert [url.rpartition("&")[2] for url in sent] == ["check=1"]


def test_a_volume_says_what_opens_it(
    admin_page: Page, engine: Engine, labels: dict[str, str], tmp_path: Path
) -> None:
    name = f"files-{uuid.uuid4().hex[:8]}"
    engine.volume_create({"Name": name, "Labels": labels})
    page = admin_page
    page.goto(f"/volumes/{name}/")
    page.get_by_role("link", name="Browse files").click()
    expect(page.locator("main")).to_contain_text("It is never started")
    page.get_by_role("button", name="Open the files").click()
    expect(page.locator("main")).to_contain_text("This folder is empty")
    page.wait_for_load_state("networkidle")  # the browser of files arrives after the page
    (tmp_path / "in.txt").write_text("in the volume")
    page.locator("[data-input=files]").set_input_files(tmp_path / "in.txt")
    expect(row(page, "in.txt")).to_contain_text("13 B")
    assert_accessible(page)
    page.goto(f"/volumes/{name}/")
    page.get_by_role("button", name="Remove").first.click()
    page.locator("#v-remove").get_by_role("button", name="Remove").click()
    page.wait_for_url("**/volumes/")
    assert name not in page.locator("main").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_it_fits_and_is_accessible(
    new_page: Callable[..., Page], admin_state: object, folder: str, size: str, scheme: str
) -> None:
    page = new_page(storage_state=admin_state, viewport=SIZES[size], color_scheme=scheme)
    page.goto(folder)
    expect(row(page, "conf")).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert_accessible(page)
    screenshot(page, f"files-{scheme}-{size}")
