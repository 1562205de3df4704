"""The pages of files, on the real Engine: what they show, what they refuse, what they never show."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.http import QueryDict
from django.test import Client

from dockerui.engine import Engine
from dockerui.services import volume_helper
from dockerui.services.file_entries import Entry
from dockerui.services.file_list import Listing
from dockerui.services.file_text import text_of
from dockerui.web import file_controls
from dockerui.web.templatetags.ui import plain_name

pytestmark = pytest.mark.usefixtures("app_on_engine")

MakeContainer = Callable[..., str]
NAME = "<img src=x onerror=alert(1)>"
SETUP = f"mkdir -p /app/sub; cd /app; echo text > a.txt; touch '{NAME}'; ln -s sub link; exec sleep 1000"


@pytest.fixture
def files(make_container: MakeContainer, engine: Engine) -> str:
    """The address of the files of a container that has some."""
    container = make_container("sh", "-c", SETUP)
    while not any(c["Path"] == "/app/link" for c in engine.container_changes(container) or ()):
        pass  # each look is a call: it waits for the Engine, not for a clock
    return f"/containers/{container}/files/"


def test_a_folder_is_shown_with_names_as_text(admin_client: Client, files: str) -> None:
    answer = admin_client.get(files, {"path": "/app"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert NAME not in page
    assert f"{files}?path={quote('/app/sub')}" in page
    assert re.search(r"-rw-r--r--", page)


def test_the_root_is_exported_as_a_whole(admin_client: Client, files: str) -> None:
    assert files.replace("files/", "export?name=") in admin_client.get(files).content.decode()


def test_a_link_is_followed(admin_client: Client, files: str) -> None:
    answer = admin_client.get(files, {"path": "/app/link"})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{files}?path=%2Fapp%2Fsub")


def test_a_text_is_edited(admin_client: Client, files: str) -> None:
    page = admin_client.get(files, {"path": "/app/a.txt"}).content.decode()
    version = re.search(r'name="version" value="(\w+)"', page)
    assert version
    fields = {"version": version[1], "newline": "LF", "text": "new\r\n"}
    edit = f"{files}edit?path=/app/a.txt"
    assert admin_client.post(edit, fields).status_code == 302
    again = admin_client.post(edit, fields | {"text": "lost?"})
    assert again.status_code == 409
    assert "has changed since" in again.content.decode()
    assert "lost?" in again.content.decode()
    assert ">\nnew\n</textarea>" in admin_client.get(files, {"path": "/app/a.txt"}).content.decode()


def test_a_save_by_a_script_answers_with_versions(admin_client: Client, files: str) -> None:
    page = admin_client.get(files, {"path": "/app/a.txt"}).content.decode()
    version = re.search(r'name="version" value="(\w+)"', page)
    assert version
    fields = {"version": version[1], "newline": "LF", "text": "one"}
    edit, script = f"{files}edit?path=/app/a.txt", {"Accept": "application/json"}
    saved = admin_client.post(edit, fields, headers=script)
    assert saved.json()["url"] == f"{files}?path=%2Fapp%2Fa.txt"
    conflict = admin_client.post(edit, fields | {"text": "two"}, headers=script)
    assert (conflict.status_code, conflict.json()["version"]) == (409, saved.json()["version"])
    bad = admin_client.post(edit, fields | {"text": "\0"}, headers=script)
    assert (bad.status_code, bad.json()["message"]) == (400, "The text holds a NUL.")


def test_what_is_lost_by_saving_is_told(admin_client: Client, make_container: MakeContainer) -> None:
    container = make_container("sh", "-c", "echo x > /s; chmod 4755 /s; touch /done; exec sleep 1000")
    files = f"/containers/{container}/files/"
    while "done" not in admin_client.get(files).content.decode():
        pass  # each look is a call: it waits for the Engine, not for a clock
    assert "but not setuid" in admin_client.get(files, {"path": "/s"}).content.decode()
    assert "but not setuid" not in admin_client.get(files, {"path": "/etc/passwd"}).content.decode()


def test_a_save_that_fails_shows_the_text_again(admin_client: Client, files: str) -> None:
    edit = f"{files}edit?path=/app/sub"
    answer = admin_client.post(edit, {"version": "", "newline": "LF", "text": "my long work"})
    assert answer.status_code == 400
    assert "Only files can be edited" in answer.content.decode()
    assert "my long work</textarea>" in answer.content.decode()
    assert "data-unsaved" in answer.content.decode()


def test_a_new_file_starts_empty(admin_client: Client, files: str) -> None:
    page = admin_client.get(f"{files}edit", {"path": "/app/fresh.json"})
    assert 'data-language="json"' in page.content.decode()
    assert admin_client.get(f"{files}edit", {"path": "/app/a.txt"}).status_code == 302


@pytest.mark.parametrize("path", ["/nope", "/app/a.txt/x", "/app/�"])
def test_what_is_not_there_is_404(admin_client: Client, files: str, path: str) -> None:
    answer = admin_client.get(files, {"path": path})
    assert answer.status_code == 404
    assert "Nothing is there" in answer.content.decode()


@pytest.mark.parametrize("path", ["etc", "../etc", "/a%00b", "/" + "x/" * 3000, "/" + "y" * 300])
def test_a_path_that_cannot_be_is_400(admin_client: Client, files: str, path: str) -> None:
    assert admin_client.get(f"{files}?path={path}").status_code == 400
    assert admin_client.get(f"{files}download?path={path}").status_code == 400


def test_links_in_a_circle_are_told(admin_client: Client, make_container: MakeContainer) -> None:
    container = make_container("sh", "-c", "ln -s b /a; ln -s a /b; ln -s nowhere /c; exec sleep 1000")
    files = f"/containers/{container}/files/"
    while "nowhere" not in admin_client.get(files).content.decode():
        pass  # each look is a call: it waits for the Engine, not for a clock
    answer = admin_client.get(files, {"path": "/a"})
    assert answer.status_code == 404
    assert "lead in a circle" in answer.content.decode()
    assert admin_client.get(f"{files}download?path=/a").status_code == 404


def test_names_that_deceive_are_written_out() -> None:
    assert plain_name("abc\u202etxt.exe") == "abc\\u202etxt.exe"
    assert plain_name("a\nb\x1b[31m\u200b") == "a\\nb\\x1b[31m\\u200b"
    assert plain_name("שלום 👨\u200d👩 é") == "שלום 👨\u200d👩 é"


def test_a_script_asks_for_all_names(admin_client: Client, files: str) -> None:
    answer = admin_client.get(files, {"path": "/app", "q": "zzz"}, headers={"Accept": "application/json"})
    assert answer.json() == {"names": ["sub", NAME, "a.txt", "link"], "complete": True}


def test_what_the_engine_does_not_reach_is_told(
    admin_client: Client, make_container: MakeContainer, files: str
) -> None:
    container = make_container(HostConfig={"Tmpfs": {"/scratch": ""}})
    page = admin_client.get(f"/containers/{container}/files/", {"path": "/scratch"}).content.decode()
    assert "the container does not see" in page
    assert "the container does not see" in admin_client.get(files, {"path": "/proc"}).content.decode()
    assert "the container does not see" not in admin_client.get(files, {"path": "/app"}).content.decode()


def test_dots_are_taken_out(admin_client: Client, files: str) -> None:
    assert "a.txt" in admin_client.get(files, {"path": "/etc/../app/./sub/.."}).content.decode()


def test_a_body_that_is_no_file_is_refused(admin_client: Client, files: str) -> None:
    assert admin_client.post(f"{files}upload?path=/app", {"x": "y"}).status_code == 400


def test_a_viewer_is_refused(viewer_client: Client, files: str) -> None:
    assert viewer_client.get(files).status_code == 403
    assert viewer_client.get(f"{files}download?path=/app/a.txt").status_code == 403
    assert viewer_client.post(f"{files}edit?path=/app/a.txt").status_code == 403


def test_a_volume_is_opened_by_a_click_only(
    admin_client: Client, engine: Engine, labels: dict[str, str]
) -> None:
    name = f"files-{uuid.uuid4().hex[:8]}"
    engine.volume_create({"Name": name, "Labels": labels})
    address = f"/volumes/{name}/files/"
    page = admin_client.get(address).content.decode()
    assert "never started" in page
    assert volume_helper.known(name) is None
    assert admin_client.get(f"{address}download?path=/x").status_code == 302
    try:
        assert admin_client.post(f"{address}?path=/").headers["Location"] == f"{address}?path=/"
        assert "This folder is empty" in admin_client.get(address).content.decode()
    finally:
        volume_helper.release(name)


def test_a_missing_image_of_the_helper_is_told_where_it_is_asked_for(
    admin_client: Client, engine: Engine, labels: dict[str, str], settings: object
) -> None:
    settings.DOCKERUI_HELPER_IMAGE = "nobody/has:this"  # type: ignore[attr-defined]
    name = f"files-{uuid.uuid4().hex[:8]}"
    engine.volume_create({"Name": name, "Labels": labels})
    answer = admin_client.post(f"/volumes/{name}/files/")
    assert answer.status_code == 400
    assert "nobody/has:this" in answer.content.decode()
    assert "Open the files" in answer.content.decode()


def test_nothing_behind_a_link_out_of_the_volume_is_shown(
    admin_client: Client, engine: Engine, labels: dict[str, str], make_container: MakeContainer
) -> None:
    name = f"files-{uuid.uuid4().hex[:8]}"
    engine.volume_create({"Name": name, "Labels": labels})
    links = "mkdir /d/in /d/in/sub; ln -s ../../etc /d/out; ln -s in /d/ok; echo text > /d/in/sub/x"
    engine.container_wait(make_container("sh", "-c", links, HostConfig={"Binds": [f"{name}:/d"]}))
    address = f"/volumes/{name}/files/"
    try:
        assert admin_client.post(address).status_code == 302
        assert "outside of the volume" in admin_client.get(address, {"path": "/out"}).content.decode()
        behind = {"path": "/out/passwd"}
        assert admin_client.get(address, behind).status_code == 404
        assert admin_client.get(f"{address}download", behind).status_code == 404
        assert admin_client.get(f"{address}edit", {"path": "/out/new"}).status_code == 404
        assert ">\ntext\n</textarea>" in admin_client.get(address, {"path": "/ok/sub/x"}).content.decode()
    finally:
        volume_helper.release(name)


def test_a_large_folder_is_shown_in_part_and_can_be_filtered() -> None:
    entries = tuple(Entry(f"f{i:05}", "file", 0o644, float(i), size=i) for i in range(5_000))
    listing = Listing(Entry("d", "folder", 0o755, 0.0), entries)
    shown = file_controls.controls("/d", listing, QueryDict("q=F0499&sort=-size"))
    assert [row.path for row in shown["rows"]][:2] == ["/d/f04999", "/d/f04998"]
    assert (len(shown["rows"]), shown["more"], shown["total"]) == (10, 0, 5_000)
    assert shown["found"] == 10
    everything = file_controls.controls("/d", listing, QueryDict())
    assert (len(everything["rows"]), everything["more"]) == (file_controls.SHOWN, 3_000)


def test_numbers_in_names_count_as_such() -> None:
    names = ("f10", "f9", "F1a", "10", "9", "a")
    listing = Listing(Entry("d", "folder", 0o755, 0.0), tuple(Entry(n, "file", 0o644, 0.0) for n in names))
    shown = file_controls.controls("/", listing, QueryDict())
    assert [row.entry.name for row in shown["rows"]] == ["9", "10", "a", "F1a", "f9", "f10"]


@pytest.mark.parametrize(
    ("content", "newline"),
    [(b"", "LF"), (b"a\n", "LF"), (b"a\r\nb\r\n", "CRLF"), (b"a\rb\r", "mixed"), (b"a\r\nb\n", "mixed")],
)
def test_how_lines_end_is_told(content: bytes, newline: str) -> None:
    text, _why = text_of(content)
    assert text is not None
    assert text.newline == newline
