"""Uploaded archives: what is let through to an Engine, and what never is."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerui.engine.protocol.tar import TarDecoder
from dockerui.engine.protocol.tarnames import BadArchive, Limits, TarCheck
from tests.support.tars import Entry, archive, build, member

REG, LNK, SYM, DIR = tarfile.REGTYPE, tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.DIRTYPE
CHR, BLK, FIFO = tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE


def check(data: bytes, *, step: int = 1 << 16, limits: Limits | None = None) -> TarCheck:
    found = TarCheck(limits)
    for start in range(0, len(data), step):
        found.feed(data[start : start + step])
    found.end()
    return found


LONG = "d/" * 60 + "x" * 120


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("step", [1, 511, 513, 1 << 16])
def test_files_folders_and_links_that_stay_inside_pass(form: int, step: int) -> None:
    data = archive(
        member("./", DIR, b""),
        member("bin/", DIR, b"", mode=0o1777),
        member("bin/tool", REG, b"#!/bin/sh\n" * 100, mode=0o755),
        member("bin/same", LNK, "bin/tool"),
        member("lib/deep/link", SYM, "../../bin/tool"),
        member("lib/up", SYM, ".."),
        member("here", SYM, "./bin"),
        form=form,
    )
    found = check(data, step=step)
    assert (found.members, found.size) == (7, 1000)


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("step", [1, 1 << 16])
def test_long_and_foreign_names_are_read(form: int, step: int) -> None:
    data = archive(
        member(LONG, REG, b"x"), member("ü/" + "é" * 90, REG, b""), member("l", SYM, LONG), form=form
    )
    decoder = TarDecoder()
    members = [m for at in range(0, len(data), step) for m in decoder.feed(data[at : at + step])]
    decoder.end()
    assert [m.name.decode() for m in members] == [LONG, "ü/" + "é" * 90, "l"]
    assert members[2].link.decode() == LONG
    check(data, step=step)


BAD: list[tuple[str, list[Entry], str]] = [
    ("parent", [("../x", REG, b"")], r"\.\."),
    ("parent inside", [("a/../../x", REG, b"")], r"\.\."),
    ("parent that stays", [("a/../x", REG, b"")], r"\.\."),
    ("only parent", [("..", DIR, b"")], r"\.\."),
    ("absolute", [("/etc/passwd", REG, b"")], "absolute"),
    ("device", [("null", CHR, b"")], "device"),
    ("block device", [("sda", BLK, b"")], "device"),
    ("fifo", [("pipe", FIFO, b"")], "FIFO"),
    ("absolute link", [("l", SYM, "/etc")], "absolute"),
    ("empty link", [("l", SYM, "")], "link"),
    ("link out", [("a/l", SYM, "../../x")], "leads out"),
    ("link out at once", [("l", SYM, "..")], "leads out"),
    ("link that climbs after a descent", [("a/l", SYM, "b/../../../x")], "leads out"),
    ("link that climbs back", [("a/l", SYM, "b/../x")], "leads out"),
    ("through a link", [("a/l", SYM, ".."), ("a/l/x", REG, b"")], "below"),
    ("folder through a link", [("l", SYM, "a"), ("l/x/", DIR, b"")], "below"),
    ("below a file", [("a", REG, b""), ("a/x", REG, b"")], "below"),
    ("file over a link", [("l", SYM, "a"), ("l", REG, b"")], "twice"),
    ("folder over a link", [("l", SYM, "a"), ("l/", DIR, b"")], "twice"),
    ("link over a folder", [("a/x", REG, b""), ("a", SYM, "b")], "twice"),
    ("link over a file", [("a", REG, b""), ("a", SYM, "b")], "twice"),
    ("hard link out", [("h", LNK, "/etc/passwd")], "absolute"),
    ("hard link up", [("h", LNK, "../x")], r"\.\."),
    ("hard link to nothing", [("h", LNK, "x")], "hard link"),
    ("hard link to a link", [("l", SYM, "x"), ("h", LNK, "l")], "hard link"),
    ("control characters", [("a\nb", REG, b"")], "control"),
    ("escape sequence", [("a\x1b[2J", REG, b"")], "control"),
    ("file named as a folder", [("a/", REG, b"")], "name of a folder"),
    ("endless name", [("x" * 5000, REG, b"")], "longer"),
]


@pytest.mark.parametrize(("entries", "why"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_what_is_refused(entries: list[Entry], why: str) -> None:
    with pytest.raises(BadArchive, match=why):
        check(build(*entries))


@pytest.mark.parametrize("mode", [0o4755, 0o2755, 0o6755])
def test_setuid_and_setgid_are_refused(mode: int) -> None:
    with pytest.raises(BadArchive, match="setuid"):
        check(archive(member("su", REG, b"", mode=mode)))


@pytest.mark.parametrize(
    "key", ["SCHILY.xattr.security.capability", "GNU.sparse.major", "hdrcharset", "LIBARCHIVE.x"]
)
def test_extended_attributes_are_refused(key: str) -> None:
    with pytest.raises(BadArchive, match="attributes"):
        check(archive(member("a", REG, b"", pax_headers={key: "1"})))


@pytest.mark.parametrize(
    "pack", [gzip.compress, bz2.compress, lzma.compress, lambda data: b"\x28\xb5\x2f\xfd" + data]
)
def test_compressed_archives_are_refused(pack: Callable[[bytes], bytes]) -> None:
    for step in (1, 1 << 16):
        with pytest.raises(BadArchive, match="compressed"):
            check(pack(build(("a", REG, b""))), step=step)


def test_a_tar_that_an_engine_would_take_for_a_compressed_one_is_refused() -> None:
    with pytest.raises(BadArchive, match="compressed"):
        check(build(("BZh91AY", REG, b"")))


def test_too_many_members_are_refused() -> None:
    data = build(*[(f"f{n}", REG, b"") for n in range(11)])
    assert check(data, limits=Limits(members=11)).members == 11
    with pytest.raises(BadArchive, match="more than 10 members"):
        check(data, limits=Limits(members=10))


def test_a_bomb_is_refused_at_its_header() -> None:
    bomb = member("zeros", REG, b"")[0]
    bomb.size = 1 << 40
    found = TarCheck()
    with pytest.raises(BadArchive, match="holds more"):
        found.feed(bomb.tobuf(tarfile.GNU_FORMAT))


@pytest.mark.parametrize("length", [0, 1, 100, 512, 513, 700, 1024, 1535, 1536, 2047])
def test_a_truncated_archive_is_refused(length: int) -> None:
    data = build(("a", REG, b"x" * 600))
    with pytest.raises(BadArchive):
        check(data[:length])


@pytest.mark.parametrize("second", [build(("../x", REG, b"")), b"x" * 512])
def test_what_follows_the_end_is_refused(second: bytes) -> None:
    with pytest.raises(BadArchive, match="after its end"):
        check(build(("a", REG, b"")) + second)


def test_a_damaged_header_is_refused() -> None:
    data = bytearray(build(("a", REG, b"")))
    data[0] ^= 1
    with pytest.raises(BadArchive, match="damaged"):
        check(bytes(data))


def test_a_global_header_may_only_hold_a_comment() -> None:
    def with_global(records: dict[str, str]) -> bytes:
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT, pax_headers=records) as tar:
            tar.addfile(tarfile.TarInfo("a"))
        return out.getvalue()

    assert check(with_global({"comment": "4f2a"})).members == 1
    with pytest.raises(BadArchive, match="global header"):
        check(with_global({"path": "../x"}))


names = st.lists(st.sampled_from(["a", "b", "..", ".", "", "c d"]), min_size=1, max_size=4).map("/".join)
entries = st.tuples(names, st.sampled_from([REG, DIR, SYM, LNK]), names)


@given(st.lists(entries, max_size=6))
def test_whatever_passes_stays_inside(chosen: list[tuple[str, bytes, str]]) -> None:
    members = [member(n, k, link if k in (SYM, LNK) else b"") for n, k, link in chosen if n.strip("/")]
    try:
        check(archive(*members))
    except BadArchive:
        return
    links = {str(PurePosixPath(i.name)): i.linkname for i, _ in members if i.type == SYM}
    for info, _ in members:
        assert resolve(info.name, links, 0) is not None


def resolve(path: str, links: dict[str, str], depth: int) -> str | None:
    """Where a path leads when every link is followed; None when it leaves the root. Loops lead nowhere."""
    at: list[str] = []
    for part in PurePosixPath(path).parts:
        if part == "..":
            if not at:
                return None
            at.pop()
            continue
        at.append(part)
        target = links.get("/".join(at))
        if target is not None:
            if depth > 20:
                return ""
            found = resolve("/".join([*at[:-1], target]), links, depth + 1)
            if found is None:
                return None
            at = [p for p in found.split("/") if p]
    return "/".join(at)


@given(st.binary(max_size=2000), st.integers(0, 2000))
def test_no_bytes_whatever_raise_anything_else(noise: bytes, at: int) -> None:
    data = bytearray(build(("a/b", REG, b"x" * 700), ("c", SYM, "a")))
    data[at : at + len(noise)] = noise
    with contextlib.suppress(BadArchive):
        check(bytes(data))
