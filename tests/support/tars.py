"""Archives for tests, and their headers alone as a page sends them in front of an archive."""

from __future__ import annotations

import io
import tarfile

from dockerui.engine.protocol.tar import TarDecoder

Entry = tuple[str, bytes, bytes | str]
"""A name, a kind of `tarfile`, and a content or the target of a link."""


def build(*entries: Entry, form: int = tarfile.PAX_FORMAT, **fields: object) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as tar:
        for name, kind, content in entries:
            info = tarfile.TarInfo(name)
            info.type = kind
            data = content if isinstance(content, bytes) else b""
            info.linkname = content if isinstance(content, str) else ""
            info.size = len(data)
            for field, value in fields.items():
                setattr(info, field, value)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


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
