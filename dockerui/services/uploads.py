"""Bytes on their way from a browser to a job, and from a job to a browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

CUT = "The upload was cut off before its end."


class UploadCut(Exception):
    """The sender went away in the middle."""

    def __init__(self) -> None:
        super().__init__(CUT)


class DownloadCut(Exception):
    """The source of a download broke off in the middle; the response must not look complete."""


class Upload:
    """One upload: its request `pump`s the body in, its job reads it out, and each waits for the other.

    `length` is the whole size in bytes, None where the sender does not say. What ends one side ends the
    other.
    """

    def __init__(self, length: int | None) -> None:
        self.length = length
        self.taken = 0
        """Bytes that the job has read so far."""
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue(maxsize=4)
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


class Download:
    """One download: its job `put`s pieces in, its response reads them out, and each waits for the other."""

    def __init__(self) -> None:
        self.sent = 0
        """Bytes handed to the response so far."""
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue(maxsize=8)
        self._answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._abandoned = asyncio.Event()
        self._whole = False

    async def opened(self) -> None:
        """Wait until the source is there. Raises what it raised."""
        await asyncio.shield(self._answer)

    def accept(self) -> None:
        """The source is there."""
        if not self._answer.done():
            self._answer.set_result(None)

    def refuse(self, error: BaseException) -> None:
        """There will be no source."""
        if not self._answer.done():
            self._answer.set_exception(error)
            self._answer.exception()  # nobody may be waiting

    async def put(self, piece: bytes) -> bool:
        """Hand over a piece; waits while the response is slow. False when nobody reads any more."""
        if not await self._put(piece):
            return False
        self.sent += len(piece)
        return True

    async def complete(self) -> None:
        """All of it has been put."""
        self._whole = True
        await self._put(None)

    def end(self) -> None:
        """The job is over: without `complete` before it, the response breaks off."""
        self.refuse(UploadCut())
        if not self._whole:
            while not self._pieces.empty():
                self._pieces.get_nowait()
            self._pieces.put_nowait(None)

    def abandon(self) -> None:
        """Nobody reads any more."""
        self._abandoned.set()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (piece := await self._pieces.get()) is not None:
            yield piece
        if not self._whole:
            raise DownloadCut

    async def _put(self, piece: bytes | None) -> bool:
        if self._abandoned.is_set():
            return False
        if not self._pieces.full():
            self._pieces.put_nowait(piece)
            return True
        putting = asyncio.ensure_future(self._pieces.put(piece))
        gone = asyncio.ensure_future(self._abandoned.wait())
        try:
            await asyncio.wait((putting, gone), return_when=asyncio.FIRST_COMPLETED)
            return putting.done()
        finally:
            putting.cancel()
            gone.cancel()
