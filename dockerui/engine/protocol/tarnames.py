"""What an uploaded tar may hold before an Engine extracts it.

Engines before 29.5.1 run a container's own programs as root on compressed input, and extract whatever an
archive says. So an upload is an uncompressed tar that was looked through to its end first: plain files,
folders, and links that stay inside; no `..`, no absolute path, no member below a link, no device, FIFO,
setuid or setgid, no extended attributes; bounded in members and bytes. A name that could be read in two ways
is refused, too.
"""

from __future__ import annotations

from dataclasses import dataclass

from dockerui.engine.errors import InvalidArgument, ProtocolError

from .tar import Member, TarDecoder

_COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd")
_LONGEST_NAME = 4096
_SETID = 0o6000
_FILE, _OLD_FILE, _HARD, _LINK, _FOLDER = "0", "7", "1", "2", "5"
_PAX = frozenset(
    ("path", "linkpath", "size", "mtime", "atime", "ctime", "uid", "gid", "uname", "gname", "comment")
)
_KINDS = {"3": "a device", "4": "a device", "6": "a FIFO"}


class BadArchive(InvalidArgument):
    """The archive must not be given to an Engine; the message says why, in words for who uploaded it."""


@dataclass(frozen=True)
class Limits:
    """How much an archive may hold: members, and bytes of content together."""

    members: int = 100_000
    size: int = 4 << 30


class TarCheck:
    """Looks through an archive. Feed all of it, call `end`, and only then let an Engine have it.

    Without `contents` it is given the archive's headers and end only, see taroutline.py.
    """

    def __init__(self, limits: Limits | None = None, *, contents: bool = True) -> None:
        self._limits = limits or Limits()
        self._decoder = TarDecoder(contents=contents)
        self._start = b""
        self._files: set[bytes] = set()
        self._folders: set[bytes] = set()
        self._links: set[bytes] = set()
        self.members = 0
        self.size = 0

    def feed(self, data: bytes) -> list[Member]:
        """Take bytes; the members whose headers are complete with them. Raises BadArchive."""
        if len(self._start) < 10:
            self._start += data[:10]
            if self._start.startswith(_COMPRESSED):
                raise BadArchive("the archive is compressed; only an uncompressed tar is accepted")
        try:
            members = self._decoder.feed(data)
        except ProtocolError as exc:
            raise BadArchive(str(exc)) from exc
        for member in members:
            self._check(member)
        return members

    def end(self) -> None:
        """The archive is complete. Raises BadArchive when it is not."""
        try:
            self._decoder.end()
        except ProtocolError as exc:
            raise BadArchive(str(exc)) from exc

    def _check(self, member: Member) -> None:
        self.members += 1
        self.size += member.size
        if self.members > self._limits.members:
            raise BadArchive(f"the archive has more than {self._limits.members} members")
        if self.size > self._limits.size:
            raise BadArchive(f"the archive holds more than {self._limits.size} bytes")
        shown = show(member.name)
        self._check_kind(member, shown)
        parts = _parts(member.name, shown)
        parents = [b"/".join(parts[:i]) for i in range(1, len(parts))]
        path = b"/".join(parts)
        if any(parent in self._links or parent in self._files for parent in parents):
            raise BadArchive(f"{shown} lies below something that is no folder")
        self._place(member, path, parts, shown)
        self._folders.update(parents)

    def _check_kind(self, member: Member, shown: str) -> None:
        if member.type not in (_FILE, _OLD_FILE, _HARD, _LINK, _FOLDER):
            raise BadArchive(f"{shown} is {_KINDS.get(member.type, 'of a kind that is not accepted')}")
        # Old writers mean a folder by it, others a file.
        if member.type != _FOLDER and member.name.endswith(b"/"):
            raise BadArchive(f"{shown} has the name of a folder but is none")
        if member.mode & _SETID:
            raise BadArchive(f"{shown} is setuid or setgid")
        unknown = set(member.pax) - _PAX
        if unknown:
            raise BadArchive(f"{shown} has attributes that are not accepted: {min(unknown)[:60]!r}")

    def _place(self, member: Member, path: bytes, parts: list[bytes], shown: str) -> None:
        """Remember what is where, so that no later member can be led elsewhere by an earlier one."""
        if path in self._links or (path in self._files and member.type == _FOLDER):
            raise BadArchive(f"{shown} is there twice, as different things")
        if member.type == _FOLDER:
            self._folders.add(path)
            return
        if path in self._folders or not path:
            raise BadArchive(f"{shown} is there twice, as different things")
        if member.type == _LINK:
            _check_link(member.link, parts, shown)
            if path in self._files:
                raise BadArchive(f"{shown} is there twice, as different things")
            self._links.add(path)
            return
        if member.type == _HARD and b"/".join(_parts(member.link, shown)) not in self._files:
            raise BadArchive(f"{shown} is a hard link to something that is not in the archive before it")
        self._files.add(path)


def show(name: bytes) -> str:
    """A member's name for people: quoted, shortened, without control characters."""
    text = name[:200].decode("utf-8", "backslashreplace")
    return ascii(text) if not text.isprintable() else f"“{text}”"


def _parts(name: bytes, shown: str) -> list[bytes]:
    """The components of a path inside the archive; none for its root."""
    if len(name) > _LONGEST_NAME:
        raise BadArchive(f"{shown} has a name longer than {_LONGEST_NAME} bytes")
    if not name or any(byte < 32 or byte == 127 for byte in name):
        raise BadArchive(f"{shown} has an empty name or control characters in it")
    if name.startswith(b"/"):
        raise BadArchive(f"{shown} is an absolute path")
    parts = [part for part in name.split(b"/") if part not in (b"", b".")]
    if b".." in parts:
        raise BadArchive(f"{shown} leads out of its folder with ..")
    return parts


def _check_link(target: bytes, parts: list[bytes], shown: str) -> None:
    """A link may climb first and descend then, never above the root: `../lib/x`, not `a/../../x`.

    Climbing after a descent is refused, for what it climbs from may be a link itself.
    """
    if not target or target.startswith(b"/"):
        raise BadArchive(f"{shown} is a link to an absolute path")
    if len(target) > _LONGEST_NAME or any(byte < 32 or byte == 127 for byte in target):
        raise BadArchive(f"{shown} is a link to a name that is not accepted")
    steps = [step for step in target.split(b"/") if step not in (b"", b".")]
    climbs = 0
    while climbs < len(steps) and steps[climbs] == b"..":
        climbs += 1
    if b".." in steps[climbs:] or climbs > len(parts) - 1:
        raise BadArchive(f"{shown} is a link that leads out of the archive")
