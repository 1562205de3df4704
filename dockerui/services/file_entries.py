"""One thing in a file system, from a tar's header or from the Engine's stat."""

from __future__ import annotations

import stat
from dataclasses import dataclass, replace
from datetime import datetime

from dockerui.engine.api.container_files import PathStat
from dockerui.engine.protocol.tar import Member

_TAR_KINDS = {"0": "file", "7": "file", "1": "file", "2": "link", "3": "device", "4": "device", "5": "folder"}
_LETTERS = {"file": "-", "folder": "d", "link": "l", "device": "c", "fifo": "p", "socket": "s"}
# Go's FileMode keeps the type, and the three bits above the nine, where Unix does not.
_GO_KINDS = ((31, "folder"), (27, "link"), (26, "device"), (25, "fifo"), (24, "socket"))
_GO_BITS = ((23, stat.S_ISUID), (22, stat.S_ISGID), (20, stat.S_ISVTX))


@dataclass(frozen=True)
class Entry:
    """`kind` is file, folder, link, device, fifo or socket; `mode` the permission bits, setuid among them.

    `size` in bytes and the owners are None where they are not known; of a folder `size` and `things` count
    all that is in it. `mtime` is in seconds since 1970. `openable` is false for names that are not UTF-8.
    """

    name: str
    kind: str
    mode: int
    mtime: float
    size: int | None = None
    uid: int | None = None
    gid: int | None = None
    link: str = ""
    things: int | None = None
    openable: bool = True

    @property
    def permissions(self) -> str:
        """As `ls -l` writes them."""
        return _LETTERS[self.kind] + stat.filemode(self.mode)[1:]

    @property
    def octal(self) -> str:
        """As `chmod` takes them."""
        return f"{self.mode:04o}"

    @property
    def privileged(self) -> bool:
        """Whether it has setuid or setgid, which it loses when it is written."""
        return bool(self.mode & (stat.S_ISUID | stat.S_ISGID))

    @property
    def hidden(self) -> bool:
        """Whether `ls` would leave it out."""
        return self.name.startswith(".")

    def holding(self, things: int, size: int) -> Entry:
        """The same folder with what is in it."""
        return replace(self, things=things, size=size)


def from_member(member: Member, name: bytes) -> Entry:
    """From a header. A hard link has no size of its own here."""
    kind = _TAR_KINDS.get(member.type, "fifo")
    text, openable = _text(name)
    sized = kind == "file" and member.type != "1"
    return Entry(
        name=text,
        kind=kind,
        mode=member.mode & 0o7777,
        mtime=float(member.mtime),
        size=member.size if sized else None,
        uid=member.uid,
        gid=member.gid,
        link=_text(member.link)[0] if kind == "link" else "",
        openable=openable,
    )


def from_stat(found: PathStat) -> Entry:
    """From the Engine's stat, which knows no owners; the target of a link in it is resolved."""
    kind = next((kind for bit, kind in _GO_KINDS if found.mode >> bit & 1), "file")
    bits = sum(bit for place, bit in _GO_BITS if found.mode >> place & 1)
    return Entry(
        name=found.name,
        kind=kind,
        mode=(found.mode & 0o777) | bits,
        mtime=_seconds(found.mtime),
        size=found.size if kind == "file" else None,
        link=found.link_target,
    )


def _text(name: bytes) -> tuple[str, bool]:
    try:
        return name.decode(), True
    except UnicodeDecodeError:
        return name.decode("utf-8", "backslashreplace"), False


def _seconds(moment: str) -> float:
    """RFC 3339 as Go writes it, with up to nine decimals; 0 for what Python's years cannot hold."""
    try:
        return datetime.fromisoformat(moment).timestamp()
    except (ValueError, OverflowError):
        return 0.0
