"""What is in a folder, read from the tar that the Engine makes of it.

The Engine has no call that lists a folder. Its tar holds the whole tree below, in order, so all of it goes by
until the last name at the top is known; contents are passed over without being kept. That is quick for what
is usual and bounded for what is not: a list that was broken off says so.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from dockerui.engine.aio import ByteStream
from dockerui.engine.errors import StreamCut
from dockerui.engine.protocol.tar import Member, TarDecoder
from dockerui.services.file_entries import Entry, from_member


@dataclass(frozen=True)
class Bounds:
    """How far to read: seconds, bytes of the tar, members. What is listed counts in `shown`."""

    seconds: float
    size: int
    members: int
    shown: int = 100_000


SHORT = Bounds(seconds=6, size=8 << 30, members=400_000)
LONG = Bounds(seconds=120, size=1 << 40, members=20_000_000)


@dataclass(frozen=True)
class Listing:
    """The entries of a folder, folders first. `broken_off` says why there may be more."""

    folder: Entry
    entries: tuple[Entry, ...]
    broken_off: str = ""


class FolderReader:
    """The members of a folder's tar to its entries; only those at the top are kept."""

    def __init__(self) -> None:
        self._depth = 0
        self._sizes: dict[bytes, int] = {}
        self._things: dict[bytes, int] = {}
        self._entries: dict[bytes, Entry] = {}
        self._same: dict[bytes, bytes] = {}
        self.folder: Entry | None = None
        self.members = 0

    @property
    def shown(self) -> int:
        """How many entries there are so far."""
        return len(self._entries)

    def take(self, member: Member) -> None:
        """The next member; the first is the folder itself."""
        self.members += 1
        parts = _parts(member.name)
        if self.folder is None:
            self._depth = len(parts)
            self.folder = from_member(member, parts[-1] if parts else b"/")
            return
        parts = parts[self._depth :]
        if len(parts) == 1:
            self._keep(parts[0], member)
        elif parts:
            self._things[parts[0]] = self._things.get(parts[0], 0) + 1
            self._sizes[parts[0]] = self._sizes.get(parts[0], 0) + member.size

    def entries(self, *, complete: bool) -> tuple[Entry, ...]:
        """Folders first, by name. What the last folder holds is left open when the list is not complete."""
        names = list(self._entries)
        open_end = names[-1] if names and not complete else None
        found = [self._finished(name, name != open_end) for name in names]
        return tuple(sorted(found, key=lambda entry: (entry.kind != "folder", entry.name.lower())))

    def _keep(self, name: bytes, member: Member) -> None:
        self._entries[name] = from_member(member, name)
        if member.type == "0":
            self._sizes[name] = member.size
        elif member.type == "1" and (parts := _parts(member.link)[self._depth :]):
            self._same[name] = parts[0] if len(parts) == 1 else b""

    def _finished(self, name: bytes, closed: bool) -> Entry:
        entry = self._entries[name]
        if entry.kind == "folder":
            return entry.holding(self._things.get(name, 0), self._sizes.get(name, 0)) if closed else entry
        if name in self._same and self._same[name] in self._sizes:  # another name of a file in this folder
            return Entry(**{**vars(entry), "size": self._sizes[self._same[name]]})
        return entry


async def read_folder(stream: ByteStream, bounds: Bounds = SHORT) -> Listing:
    """Read the tar of a folder to its end or to the bounds. Raises StreamCut, ProtocolError."""
    decoder, reader, size, why = TarDecoder(), FolderReader(), 0, ""
    try:
        async with asyncio.timeout(bounds.seconds):
            while data := await stream.read():
                size += len(data)
                for member in decoder.feed(data):
                    reader.take(member)
                if size > bounds.size or reader.members > bounds.members or reader.shown > bounds.shown:
                    why = "too much is in it"
                    break
            else:
                decoder.end()
    except TimeoutError:
        why = f"it takes longer than {bounds.seconds:g} seconds"
    finally:
        await stream.aclose()
    if reader.folder is None:
        raise StreamCut("the Engine sent nothing of this folder in time")
    return Listing(reader.folder, reader.entries(complete=not why), why)


def _parts(name: bytes) -> list[bytes]:
    return [part for part in name.split(b"/") if part not in (b"", b".")]
