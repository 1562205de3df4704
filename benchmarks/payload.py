"""Large bodies on disk: a tree of one big file and a Dockerfile, as a tar and as our upload format."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dockerui.engine.protocol.tarfiles import END, NewFile, header, padding

BIG, DOCKERFILE = "big.bin", b"FROM busybox:test\nLABEL dockerui.bench=1\n"
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Payload:
    """`tar` is the tree as a tar (an archive, or a build context), `upload` the same as the page sends it.

    `headers` are those of the tar, and `listed` both as the page sends an archive: headers first.
    """

    size: int
    tar: Path
    upload: Path
    headers: Path
    listed: Path

    @classmethod
    def write(cls, folder: Path, size: int) -> Payload:
        """Write both files; `size` in bytes, a multiple of 1 MiB."""
        names = ("tree.tar", "tree.upload", "tree.headers", "tree.listed")
        made = cls(size, *(folder / name for name in names))
        small, big = NewFile(b"Dockerfile", len(DOCKERFILE), mtime=1), NewFile(BIG.encode(), size, mtime=1)
        made.headers.write_bytes(header(small) + header(big) + END)
        for path, first in ((made.tar, b""), (made.listed, made.headers.read_bytes())):
            with path.open("wb") as file:
                file.write(first + header(small) + DOCKERFILE + padding(small.size) + header(big))
                file.writelines(_content(size))
                file.write(END)
        listed = [("Dockerfile", small.size), (BIG, size)]
        files = [{"path": path, "size": length, "mtime": 1, "replace": True} for path, length in listed]
        with made.upload.open("wb") as file:
            file.write(json.dumps({"folders": [], "files": files}).encode() + b"\n" + DOCKERFILE)
            file.writelines(_content(size))
        return made


def _content(size: int) -> Iterator[bytes]:
    """One random block again and again: as cheap to make as zeros, but nobody on the way can compress it to
    nothing or leave a hole in a file.
    """
    block = os.urandom(_BLOCK)
    for _ in range(size // _BLOCK):
        yield block
