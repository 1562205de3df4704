"""Archives for tests, and their headers alone as a page sends them in front of an archive."""

from __future__ import annotations

import io
import tarfile

from dockerui.engine.protocol.tar import TarDecoder

Entry = tuple[str, bytes, bytes | str]
"""A name, a kind of `tarfile`, and a content or the target of a link."""


def member(name: str, kind: bytes, content: bytes | str, **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    """A header and its content; `fields` are those of `tarfile.TarInfo`."""
    info = tarfile.TarInfo(name)
    info.type = kind
    data = content if isinstance(content, bytes) else b""
    info.linkname = content if isinstance(content, str) else ""
    info.size = len(data)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, data


def archive(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as tar:
        for info, data in members:
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def build(*entries: Entry, form: int = tarfile.PAX_FORMAT, **fields: object) -> bytes:
    """An archive of these, all with the same `fields`."""
    return archive(*(member(*entry, **fields) for entry in entries), form=form)


def headers(data: bytes) -> bytes:
    """The archive without the contents, and with two blocks of its end: what a page sends."""
    decoder, out, at = TarDecoder(contents=False), b"", 0
    while data[at : at + 512].strip(b"\0"):
        members = []
        while not members:
            block, at = data[at : at + 512], at + 512
            out += block
            members = decoder.feed(block)
        at += members[0].room
    return out + data[at : at + 1024]
