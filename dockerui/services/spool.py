"""Uploads that wait on disk until they may go on.

An archive that must be checked to its end, and an upload that comes slowly: while an Engine takes an archive
it holds the container's lock, so what comes over a slow line is collected first.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from typing import IO

from django.conf import settings

from dockerui.services.errors import BadInput
from dockerui.services.words import bytes_iec

PIECE = 1 << 20  # bytes written or read at once: each time costs a thread
SMALL = 64 << 20  # bytes that are collected in any case: a broken upload of that size leaves nothing behind
FAST = 40e6  # bytes a second from which on a large upload goes straight through
ROOM = 1 << 30  # bytes of the disk that are left free


class Spool:
    """A file without a name in the data folder; it is gone when closed, or with the process."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile(dir=settings.DATA)  # noqa: SIM115
        self._held: list[bytes] = []
        self._waiting = 0
        self.size = 0

    async def add(self, piece: bytes) -> None:
        """Append; written in larger pieces, beside the loop."""
        self._held.append(piece)
        self._waiting += len(piece)
        self.size += len(piece)
        if self._waiting >= PIECE:
            await self.flush()

    async def flush(self) -> None:
        """Write what waits. Raises BadInput when the disk of the server is full."""
        data, self._held, self._waiting = b"".join(self._held), [], 0
        try:
            await asyncio.to_thread(self._file.write, data)
        except OSError as error:
            raise BadInput(f"dockerui cannot keep the upload while it comes: {error.strerror}.") from error

    async def read(self) -> AsyncIterator[bytes]:
        """All of it, from the start."""
        await self.flush()
        self._file.seek(0)
        while data := await asyncio.to_thread(self._file.read, PIECE):
            yield data

    def close(self) -> None:
        """Give the room back."""
        self._file.close()


def check_room(length: int | None) -> None:
    """Raises BadInput when an upload of that many bytes does not fit on the server's disk."""
    free = shutil.disk_usage(settings.DATA).free - ROOM
    if (length or 0) > free:
        have = bytes_iec(max(0, free))
        raise BadInput(f"dockerui keeps the archive while it checks it, and has room for {have} only.")


async def settled(body: AsyncIterator[bytes], length: int | None) -> AsyncIterator[bytes]:
    """The same bytes, collected before this returns unless they are many and come fast (or would not fit).

    Raises BadInput, and what `body` raises.
    """
    spool, started = Spool(), time.monotonic()
    fits = shutil.disk_usage(settings.DATA).free - ROOM > (length or 0)
    try:
        async for piece in body:
            await spool.add(piece)
            fast = spool.size / (time.monotonic() - started + 0.001) >= FAST
            if spool.size >= SMALL and (fast or not fits):
                break
    except BaseException:
        spool.close()
        raise
    return _first_from(spool, body)


async def _first_from(spool: Spool, body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    try:
        async for piece in spool.read():
            yield piece
    finally:
        spool.close()
    async for piece in body:
        yield piece
