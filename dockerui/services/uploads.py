"""Bytes on their way from a browser to a job."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

CUT = "The upload was cut off before its end."


class UploadCut(Exception):
    """The sender went away in the middle."""

    def __init__(self) -> None:
        super().__init__(CUT)


class Upload:
    """One upload: its request `pump`s the body in, its job reads it out, and each waits for the other.

    `length` is the whole size in bytes, None where the sender does not say. What ends one side ends the
    other.
    """

    def __init__(self, length: int | None) -> None:
        self.length = length
        self.taken = 0
        """Bytes that the job has read so far."""
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue(maxsize=1)
        self._cut = False
        self._ended = asyncio.Event()

    async def pump(self, body: AsyncIterator[bytes]) -> bool:
        """Hand the body over; True when all of it was, False when the job ended first. Raises UploadCut."""
        ended = asyncio.create_task(self._ended.wait(), name="upload ended")
        try:
            async for piece in body:
                if not await self._put(piece, ended):
                    return False
            return await self._put(None, ended)
        except BaseException:
            self._fail()
            raise
        finally:
            ended.cancel()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            piece = await self._pieces.get()
            if self._cut:
                raise UploadCut
            if piece is None:
                return
            self.taken += len(piece)
            yield piece

    def end(self) -> None:
        """The job is over: whoever still sends need not."""
        self._ended.set()

    async def wait_ended(self) -> None:
        """Wait until the job is over."""
        await self._ended.wait()

    async def _put(self, piece: bytes | None, ended: asyncio.Task[bool]) -> bool:
        if self._ended.is_set():
            return False
        if not self._pieces.full():
            self._pieces.put_nowait(piece)
            return True
        putting = asyncio.ensure_future(self._pieces.put(piece))
        try:
            await asyncio.wait((putting, ended), return_when=asyncio.FIRST_COMPLETED)
            return putting.done()
        finally:
            putting.cancel()

    def _fail(self) -> None:
        self._cut = True
        while not self._pieces.empty():
            self._pieces.get_nowait()
        self._pieces.put_nowait(None)
