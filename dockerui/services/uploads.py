"""Bytes on their way from a browser to a job, and from a job to a browser."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

CUT = "The upload was cut off before its end."
HELD = 512 << 10  # bytes that may wait between the two sides before the sending one waits


class UploadCut(Exception):
    """The sender went away in the middle."""

    def __init__(self) -> None:
        super().__init__(CUT)


class DownloadCut(Exception):
    """The source of a download broke off in the middle; the response must not look complete."""


class _Belt:
    """Pieces from the task that puts them on to the one that takes them off; each waits for the other."""

    def __init__(self) -> None:
        self._pieces: deque[bytes] = deque()
        self._held = 0
        self._moved_on, self._arrived = asyncio.Event(), asyncio.Event()
        self._error: Exception | None = None
        self._over = False
        self.stopped = False

    async def put(self, piece: bytes) -> bool:
        """Wait for room, then put it on; False when nobody takes anything any more."""
        while self._held >= HELD and not self.stopped:
            self._moved_on.clear()
            await self._moved_on.wait()
        if self.stopped:
            return False
        self._pieces.append(piece)
        self._held += len(piece)
        self._arrived.set()
        return True

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            while self._pieces:
                piece = self._pieces.popleft()
                self._held -= len(piece)
                self._moved_on.set()
                yield piece
            if self._error is not None:
                raise self._error
            if self._over:
                return
            self._arrived.clear()
            await self._arrived.wait()

    def finish(self) -> None:
        """Nothing more comes: what is on it is the rest."""
        self._over = True
        self._arrived.set()

    def fail(self, error: Exception) -> None:
        """Nothing more comes, and what came before is of no use: the taking side gets the error."""
        self._pieces.clear()
        self._held, self._error = 0, error
        self._moved_on.set()
        self._arrived.set()

    def stop(self) -> None:
        """Nobody takes anything any more."""
        self.stopped = True
        self._moved_on.set()


class Upload:
    """One upload: its request `pump`s the body in, its job reads it out, and each waits for the other.

    `length` is the whole size in bytes, None where the sender does not say. What ends one side ends the
    other.
    """

    def __init__(self, length: int | None) -> None:
        self.length = length
        self.taken = 0
        """Bytes that the job has read so far."""
        self._belt = _Belt()
        self._ended = asyncio.Event()

    async def pump(self, body: AsyncIterator[bytes]) -> bool:
        """Hand the body over; True when all of it was, False when the job ended first. Raises UploadCut."""
        try:
            async for piece in body:
                if not await self._belt.put(piece):
                    return False
        except BaseException:
            self._belt.fail(UploadCut())
            raise
        self._belt.finish()
        return not self._belt.stopped

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._belt:
            self.taken += len(piece)
            yield piece

    def end(self) -> None:
        """The job is over: whoever still sends need not."""
        self._belt.stop()
        self._ended.set()

    async def wait_ended(self) -> None:
        """Wait until the job is over."""
        await self._ended.wait()


class Download:
    """One download: its job `put`s pieces in, its response reads them out, and each waits for the other."""

    def __init__(self) -> None:
        self.sent = 0
        """Bytes handed to the response so far."""
        self._belt = _Belt()
        self._answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
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
        if not await self._belt.put(piece):
            return False
        self.sent += len(piece)
        return True

    def complete(self) -> None:
        """All of it has been put."""
        self._whole = True
        self._belt.finish()

    def end(self) -> None:
        """The job is over: without `complete` before it, the response breaks off."""
        self.refuse(UploadCut())
        if not self._whole:
            self._belt.fail(DownloadCut())

    def abandon(self) -> None:
        """Nobody reads any more."""
        self._belt.stop()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._belt)
