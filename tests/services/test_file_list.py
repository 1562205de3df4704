"""A folder's tar as a list, whatever the Engine sends."""

from __future__ import annotations

import io
import tarfile

import pytest

from dockerui.engine.api.container_files import PathStat
from dockerui.engine.protocol.tar import TarDecoder
from dockerui.services.errors import BadInput
from dockerui.services.file_entries import Entry, from_stat
from dockerui.services.file_list import FolderReader
from dockerui.services.file_places import Place, clean_path, parent, steps
from dockerui.services.file_text import text_of, written

Entry_ = tuple[str, bytes, str | bytes]


def listed(*members: tuple[str, bytes, bytes | str], complete: bool = True) -> dict[str, Entry]:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, kind, content in members:
            info = tarfile.TarInfo(name)
            info.type, info.uid, info.gid, info.mode = kind, 7, 8, 0o644
            info.linkname = content if isinstance(content, str) else ""
            info.size = len(content) if isinstance(content, bytes) else 0
            tar.addfile(info, io.BytesIO(content if isinstance(content, bytes) else b""))
    reader = FolderReader()
    for member in TarDecoder().feed(out.getvalue()):
        reader.take(member)
    return {entry.name: entry for entry in reader.entries(complete=complete)}


DIR, REG, SYM, LNK, FIFO = (
    tarfile.DIRTYPE,
    tarfile.REGTYPE,
    tarfile.SYMTYPE,
    tarfile.LNKTYPE,
    tarfile.FIFOTYPE,
)


@pytest.mark.parametrize("top", ["etc", "/", ".", "deep"])
def test_only_what_is_at_the_top_is_listed_and_folders_count_all_below(top: str) -> None:
    at = "" if top == "/" else f"{top}/"
    found = listed(
        (top, DIR, b""),
        (f"{at}a", REG, b"12345"),
        (f"{at}sub", DIR, b""),
        (f"{at}sub/x", REG, b"123"),
        (f"{at}sub/y/", DIR, b""),
        (f"{at}sub/y/z", REG, b"1234"),
        (f"{at}none", DIR, b""),
    )
    assert list(found) == ["none", "sub", "a"]
    assert (found["a"].size, found["a"].uid, found["a"].gid) == (5, 7, 8)
    assert (found["sub"].size, found["sub"].things) == (7, 3)
    assert (found["none"].size, found["none"].things) == (0, 0)


def test_links_say_where_they_lead_and_second_names_have_the_size_of_the_first() -> None:
    found = listed(
        ("bin", DIR, b""),
        ("bin/[", REG, b"busybox"),
        ("bin/ls", LNK, "bin/["),
        ("bin/other", LNK, "sbin/x"),
        ("bin/sh", SYM, "/bin/busybox"),
        ("bin/pipe", FIFO, b""),
    )
    assert found["ls"].size == 7
    assert found["other"].size is None
    assert (found["sh"].kind, found["sh"].link) == ("link", "/bin/busybox")
    assert found["pipe"].kind == "fifo"


def test_what_was_not_read_to_its_end_is_not_counted() -> None:
    members = (
        ("d", DIR, b""),
        ("d/a", DIR, b""),
        ("d/a/x", REG, b"1"),
        ("d/b", DIR, b""),
        ("d/b/x", REG, b"1"),
    )
    found = listed(*members, complete=False)
    assert (found["a"].things, found["b"].things) == (1, None)


def test_names_that_are_not_text_are_shown_escaped() -> None:
    found = listed(("d", DIR, b""), ("d/\udcff.txt", REG, b""))
    assert list(found) == ["\\xff.txt"]
    assert not found["\\xff.txt"].openable


@pytest.mark.parametrize(
    ("mode", "kind", "permissions"),
    [
        (0o644, "file", "-rw-r--r--"),
        (1 << 31 | 0o755, "folder", "drwxr-xr-x"),
        (1 << 31 | 1 << 20 | 0o777, "folder", "drwxrwxrwt"),
        (1 << 27 | 0o777, "link", "lrwxrwxrwx"),
        (1 << 23 | 0o755, "file", "-rwsr-xr-x"),
        (1 << 24 | 0o755, "socket", "srwxr-xr-x"),
        (1 << 26 | 1 << 21 | 0o620, "device", "crw--w----"),
    ],
)
def test_gos_modes_are_read(mode: int, kind: str, permissions: str) -> None:
    entry = from_stat(PathStat("x", 4, mode, "2026-01-02T03:04:05.123456789Z", ""))
    assert (entry.kind, entry.permissions) == (kind, permissions)
    assert int(entry.mtime) == 1767323045


@pytest.mark.parametrize(
    ("given", "clean"),
    [("/", "/"), ("//etc//x/", "/etc/x"), ("/a/../b/./c", "/b/c"), ("/../../x", "/x"), ("/a b/ü", "/a b/ü")],
)
def test_paths_are_put_straight(given: str, clean: str) -> None:
    assert clean_path(given) == clean


@pytest.mark.parametrize("path", ["", "etc", "../x", "/a\0b", "/" + "a/" * 2500, "/" + "x" * 256, "/\udcff"])
def test_paths_that_cannot_be_meant_are_refused(path: str) -> None:
    with pytest.raises(BadInput):
        clean_path(path)


def test_a_place_with_a_root_shows_nothing_above_it() -> None:
    place = Place("c" * 64, "data", "/volume")
    assert [place.inside(path) for path in ("/", "/a/b")] == ["/volume", "/volume/a/b"]
    assert [place.shown(path) for path in ("/volume", "/volume/a", "/volumes", "/etc")] == [
        "/",
        "/a",
        None,
        None,
    ]
    assert (parent("/"), parent("/a"), steps("/a/b")) == ("/", "/", [("a", "/a"), ("b", "/a/b")])


@pytest.mark.parametrize("content", [b"\0", b"a\0b", b"\xff\xfe", b"\x80"])
def test_binary_is_no_text(content: bytes) -> None:
    text, why = text_of(content)
    assert text is None
    assert why


@pytest.mark.parametrize(
    "content", [b"", b"a", b"a\n", b"a\r\nb\r\n", "ü\ufeff\n".encode(), b"\n\na\x1b[31m"]
)
def test_a_text_that_a_form_sends_back_is_written_as_it_was(content: bytes) -> None:
    text, _ = text_of(content)
    assert text is not None
    sent = text.shown.replace("\n", "\r\n")  # as forms do
    assert written(sent, text.newline) == content


@pytest.mark.parametrize("text", ["a\0", "\ud800", "x" * (1 << 20) + "x"])
def test_a_text_that_no_file_can_hold_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        written(text, "LF")
