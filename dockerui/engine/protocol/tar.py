"""tar archives, read member by member from bytes as they arrive.

Wire format, in blocks of 512 bytes: a header, then the content, padded to a whole block; at the end two
blocks of zeros. Header fields: name 0-99, mode 100-107, uid 108-115, gid 116-123, size 124-135, mtime
136-147, checksum 148-155, type 156, link name 157-256, magic `ustar` 257-262, prefix 345-499. Numbers are
octal, or binary when the first byte has its top bit set. Long names come in a member before their own: type
`L` and `K` (GNU), or `x` (pax: `<length> <key>=<value>LF`).

The reader is strict on purpose. What two programs could read differently is not read at all, for this decides
what an Engine will be given to extract.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from dockerui.engine.errors import ProtocolError, StreamCut

BLOCK = 512
_ZEROS = bytes(BLOCK)
_LONGEST_META = 64 << 10
_META = b"LKxg"
_FILES = "07"
_XATTR = "SCHILY.xattr."
_SECONDS = re.compile(rb"(-?\d{1,18})(\.\d{1,18})?")


@dataclass(frozen=True)
class Member:
    """One member. `type` is the header's letter (`0` file, `1` hard link, `2` link, `5` folder, …).

    `size` is in bytes, `mtime` in seconds since 1970; `pax` holds the keys of its pax header. `uid` and `gid`
    own it. `head` is how many bytes of headers belong to it, those before its own included.
    """

    name: bytes
    type: str
    mode: int
    size: int
    mtime: int
    link: bytes
    pax: dict[str, bytes] = field(default_factory=dict)
    uid: int = 0
    gid: int = 0
    head: int = BLOCK

    @property
    def room(self) -> int:
        """Bytes that its content takes in the archive. Only files have one."""
        return _padded(self.size) if self.type in _FILES else 0


class TarDecoder:
    """Bytes as they arrive to members; contents are passed over.

    Without `contents` it reads what is left of an archive when those are taken out: its headers and its end.
    """

    def __init__(self, *, contents: bool = True) -> None:
        self._contents = contents
        self._head = 0
        self._held = bytearray()
        self._skip = 0
        self._meta: tuple[str, int, int] | None = None
        self._long_name: bytes | None = None
        self._long_link: bytes | None = None
        self._pax: dict[str, bytes] = {}
        self._zeros = 0

    def feed(self, data: bytes) -> list[Member]:
        """Take bytes; return the members whose header is complete. Raises ProtocolError."""
        members: list[Member] = []
        position = 0
        if self._skip:
            position = min(self._skip, len(data))
            self._skip -= position
        self._held += memoryview(data)[position:]
        position = 0
        while not self._skip and (taken := self._step(position, members)):
            position += taken
        del self._held[:position]
        return members

    def end(self) -> None:
        """The archive ended: raises StreamCut when it is not complete."""
        if self._held or self._skip or self._meta or self._zeros < 2:
            raise StreamCut("the archive is cut short")

    def _step(self, position: int, members: list[Member]) -> int:
        """Read one header or the content of a meta member; return how many bytes it took, 0 for too few."""
        available = len(self._held) - position
        if self._meta:
            kind, size, padded = self._meta
            if available < padded:
                return 0
            self._meta = None
            self._read_meta(kind, bytes(self._held[position : position + size]))
            return padded
        if available < BLOCK:
            return 0
        block = bytes(self._held[position : position + BLOCK])
        if block == _ZEROS:
            self._zeros += 1
            return BLOCK
        if self._zeros:
            raise ProtocolError("the archive goes on after its end")
        return BLOCK + self._header(block, available - BLOCK, members)

    def _header(self, block: bytes, available: int, members: list[Member]) -> int:
        """Take one header; return how many of the bytes behind it are passed over."""
        _check_sum(block)
        if block[257:263] == b"ustar\0" and block[508:] == b"tar\0":
            raise ProtocolError("the archive is in star's format, which is not accepted")
        kind = chr(block[156]) if block[156] else "0"
        size = _number(block[124:136])
        if kind.encode("latin-1") in _META:
            if size > _LONGEST_META:
                raise ProtocolError("the archive has a header that is too long")
            self._meta = (kind, size, _padded(size))
            self._head += BLOCK + _padded(size)
            return 0
        member = self._member(block, kind, size)
        self._head = 0
        members.append(member)
        # For links and folders some writers leave a size in the header.
        if kind not in _FILES and member.size:
            raise ProtocolError("the archive has a member with a content that it must not have")
        content = member.room if self._contents else 0
        now = min(content, available)
        self._skip = content - now
        return now

    def _member(self, block: bytes, kind: str, size: int) -> Member:
        pax, self._pax = self._pax, {}
        long_name, self._long_name = self._long_name, None
        long_link, self._long_link = self._long_link, None
        if (long_name is not None and "path" in pax) or (long_link is not None and "linkpath" in pax):
            raise ProtocolError("the archive names a member twice")
        if any(pax.get(key) == b"" for key in ("path", "linkpath", "size")):
            raise ProtocolError("the archive has an empty value in a pax header")
        name = _text(block[0:100])
        prefix = _text(block[345:500]) if block[257:263] == b"ustar\0" else b""
        if prefix:
            name = prefix + b"/" + name
        return Member(
            name=pax.get("path", long_name if long_name is not None else name),
            type=kind,
            mode=_number(block[100:108]),
            size=_decimal(pax["size"]) if "size" in pax else size,
            mtime=_seconds(pax["mtime"]) if "mtime" in pax else _number(block[136:148]),
            link=pax.get("linkpath", long_link if long_link is not None else _text(block[157:257])),
            pax=pax,
            uid=_decimal(pax["uid"]) if "uid" in pax else _number(block[108:116]),
            gid=_decimal(pax["gid"]) if "gid" in pax else _number(block[116:124]),
            head=self._head + BLOCK,
        )

    def _read_meta(self, kind: str, content: bytes) -> None:
        if kind == "L":
            self._long_name = _text(content)
        elif kind == "K":
            self._long_link = _text(content)
        elif kind == "x":
            self._pax = read_pax(content)
        elif set(read_pax(content)) - {"comment"}:
            raise ProtocolError("the archive has a global header with more than a comment")


def read_pax(content: bytes) -> dict[str, bytes]:
    """The records of a pax header. Raises ProtocolError."""
    records: dict[str, bytes] = {}
    while content:
        length, space, _ = content.partition(b" ")
        if not space or not length.isdigit() or len(length) > 9:
            raise ProtocolError("the archive has a broken pax header")
        record = content[len(length) + 1 : int(length)]
        key, equals, value = record.removesuffix(b"\n").partition(b"=")
        if int(length) > len(content) or not record.endswith(b"\n") or not equals:
            raise ProtocolError("the archive has a broken pax header")
        name = key.decode("utf-8", "replace")
        # Extended attributes are binary (the capabilities of a program are); nothing else may hold a NUL.
        if b"\0" in (key if name.startswith(_XATTR) else record):
            raise ProtocolError("the archive has a broken pax header")
        if name in records:
            raise ProtocolError("the archive has a pax header that says a thing twice")
        records[name] = value
        content = content[int(length) :]
    return records


def _check_sum(block: bytes) -> None:
    """The sum of all bytes, the checksum field itself counted as spaces."""
    total = sum(block) - sum(block[148:156]) + 8 * 32
    if _number(block[148:156]) != total:
        raise ProtocolError("this is not an uncompressed tar archive, or it is damaged")


def _number(raw: bytes) -> int:
    if raw[0] & 0x80:
        if raw[0] & 0x40:
            raise ProtocolError("the archive has a negative number in a header")
        return int.from_bytes(bytes([raw[0] & 0x3F]) + raw[1:], "big")
    digits = raw.partition(b"\0")[0].strip(b" ")
    if not digits:
        return 0
    if not all(48 <= d <= 55 for d in digits):
        raise ProtocolError("this is not an uncompressed tar archive, or it is damaged")
    return int(digits, 8)


def _decimal(raw: bytes) -> int:
    if not raw.isdigit() or len(raw) > 19:
        raise ProtocolError("the archive has a size or an owner that is no number")
    return int(raw)


def _seconds(raw: bytes) -> int:
    """A time with a fraction, before 1970 too; whole seconds are enough."""
    found = _SECONDS.fullmatch(raw)
    if not found:
        raise ProtocolError("the archive has a time that is no number")
    return int(found[1])


def _text(raw: bytes) -> bytes:
    return raw.partition(b"\0")[0]


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK
