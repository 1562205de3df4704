"""One file in a tar: read out as it arrives, and written as the header that goes before its content.

The tar of a single file is its header (with what may come before it, see tar.py), its content, the padding to
a whole block, and two blocks of zeros.
"""

from __future__ import annotations

import tarfile
from dataclasses import dataclass

from dockerui.engine.errors import StreamCut

from .tar import BLOCK, Member, TarDecoder

END = bytes(2 * BLOCK)
FILE, FOLDER = "0", "5"
_REGULAR = ("0", "7")


class FileDecoder:
    """The first member of an archive and its content; what comes behind is not looked at."""

    def __init__(self) -> None:
        self._headers = TarDecoder()
        self._held = bytearray()
        self._left = 0
        self.member: Member | None = None

    @property
    def complete(self) -> bool:
        """Whether all of the content was returned."""
        return self.member is not None and not self._left

    def feed(self, data: bytes) -> bytes:
        """Take bytes, return those of the content. Raises ProtocolError."""
        if self.member is None:
            self._held += data
            self._read_header()
            if self.member is None:
                return b""
            data = bytes(self._held)
            self._held.clear()
        content = data[: self._left]
        self._left -= len(content)
        return content

    def end(self) -> None:
        """The archive ended: raises StreamCut when the content is not complete."""
        if not self.complete:
            raise StreamCut("the file is cut short")

    def _read_header(self) -> None:
        while self.member is None and len(self._held) >= BLOCK:
            members = self._headers.feed(bytes(self._held[:BLOCK]))
            del self._held[:BLOCK]
            if members:
                self.member = members[0]
                self._left = self.member.size if self.member.type in _REGULAR else 0


@dataclass(frozen=True)
class NewFile:
    """A file or folder to write: `path` is relative, with slashes; `mode` its permission bits."""

    path: bytes
    size: int = 0
    folder: bool = False
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    mtime: int = 0


def header(file: NewFile) -> bytes:
    """What goes before the content, long and foreign names included (pax)."""
    info = tarfile.TarInfo(file.path.decode("utf-8", "surrogateescape"))
    info.type = tarfile.DIRTYPE if file.folder else tarfile.REGTYPE
    info.size = 0 if file.folder else file.size
    info.mode, info.uid, info.gid, info.mtime = file.mode & 0o7777, file.uid, file.gid, file.mtime
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")


def padding(size: int) -> bytes:
    """The zeros behind a content of `size` bytes."""
    return bytes(-size % BLOCK)
