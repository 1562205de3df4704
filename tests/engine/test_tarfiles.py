"""One file in a tar: read out piece by piece, and written so that others can read it."""

from __future__ import annotations

import io
import tarfile

import pytest

from dockerui.engine.errors import ProtocolError, StreamCut
from dockerui.engine.protocol.tar import TarDecoder
from dockerui.engine.protocol.tarfiles import END, FileDecoder, NewFile, header, padding

LONG = "ordner/" * 30 + "größe.txt"


def tar_of(name: str, content: bytes, **fields: object) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        for field, value in fields.items():
            setattr(info, field, value)
        tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


@pytest.mark.parametrize("step", [1, 511, 512, 513, 1 << 16])
@pytest.mark.parametrize("content", [b"", b"x", b"y" * 512, b"z" * 1500])
def test_the_content_comes_out_whatever_the_pieces(step: int, content: bytes) -> None:
    data = tar_of(LONG, content, uid=1000, gid=50, mode=0o4755, mtime=5)
    decoder = FileDecoder()
    out = b"".join(decoder.feed(data[at : at + step]) for at in range(0, len(data), step))
    decoder.end()
    assert out == content
    assert decoder.member is not None
    found = decoder.member
    assert (found.name.decode(), found.uid, found.gid, found.mode) == (LONG, 1000, 50, 0o4755)


def test_a_cut_content_is_told() -> None:
    decoder = FileDecoder()
    decoder.feed(tar_of("a", b"x" * 3000)[:2000])
    with pytest.raises(StreamCut):
        decoder.end()


def test_what_is_no_tar_is_told() -> None:
    with pytest.raises(ProtocolError):
        FileDecoder().feed(b"<html>" * 200)


def test_what_is_written_can_be_read() -> None:
    files = [
        NewFile(b"dir", folder=True, mode=0o755),
        NewFile(LONG.encode(), size=3, mode=0o640, uid=70_000, gid=3_000_000, mtime=1_700_000_000),
        NewFile(b"\xff.bin", size=0),
        NewFile(b"huge", size=9 << 30),
    ]
    data = (
        b"".join(header(file) + (b"abc" + padding(3) if file.size == 3 else b"") for file in files[:3]) + END
    )
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        assert [info.name.encode("utf-8", "surrogateescape") for info in tar] == [f.path for f in files[:3]]
        info = tar.getmember(LONG)
        assert (info.mode, info.uid, info.gid, info.mtime) == (0o640, 70_000, 3_000_000, 1_700_000_000)
        content = tar.extractfile(info)
        assert content is not None
        assert content.read() == b"abc"
    assert tarfile.TarInfo.frombuf(header(files[3])[-512:], "utf-8", "strict").size in (0, 9 << 30)
    assert TarDecoder().feed(header(files[3]))[0].size == 9 << 30


def test_capabilities_of_programs_and_old_times_can_be_read() -> None:
    attributes = {"SCHILY.xattr.security.capability": "\x01\0\0\x02"}
    [member] = TarDecoder().feed(tar_of("ping", b"", pax_headers=attributes, mtime=-86_400.5)[:3072])
    assert member.pax["SCHILY.xattr.security.capability"] == b"\x01\0\0\x02"
    assert member.mtime == -86_400


def test_no_other_value_holds_a_nul() -> None:
    with pytest.raises(ProtocolError):
        TarDecoder().feed(tar_of("a", b"", pax_headers={"comment": "a\0b"}))
