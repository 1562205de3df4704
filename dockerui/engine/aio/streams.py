"""What a streaming call returns: bytes in one or both directions."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Self

from dockerui.engine.errors import ProtocolError, StreamCut

from .exchange import Answer
from .fine_timer import FineTimer
from .pacing import REST_AFTER_FEW, Pacing
from .pipe import BULK, PIECE

_AT_ONCE = 1e-9


class ByteStream:
    """The body of an answer, read piece by piece. Not reading makes the Engine wait.

    Use it as an async context manager, or call `aclose`. A cancelled `read` closes it as well. Iterating
    yields pieces as they come, large ones where much has come. One reader at a time.
    """

    def __init__(self, answer: Answer, pacing: Pacing | None = None) -> None:
        self._pipe = answer.pipe
        self._body = answer.body
        self._first: bytes | None = answer.first
        self._upload = answer.upload
        self._upload_failure: BaseException | None = None
        if answer.upload is not None:
            answer.upload.add_done_callback(self._on_upload_done)
        self._pacing = pacing
        self._timer = FineTimer()
        self._rest_until = 0.0  # when the next read may start; 0: at once
        self._ended = False
        self.status: int = answer.head.status
        self.headers: Mapping[str, str] = answer.head.headers
        if answer.body.complete:  # HEAD, 204, 304, Content-Length: 0
            self._ended = True
            self._close()

    @property
    def closed(self) -> bool:
        """Whether the connection is closed: by `aclose`, by cancellation, or because the body ended."""
        return self._pipe.closed

    async def read(self, n: int = PIECE) -> bytes:
        """Wait for bytes; at most `n` arrive at once. b"" is the end as far as the framing can tell.

        A body framed by the end of the connection cannot tell truncation: ask the Engine before believing it.
        Raises StreamCut when the end is known to be too early, ProtocolError for a broken framing.
        """
        try:
            await self._breathe()
            return await self._read(n)
        except asyncio.CancelledError:
            self._close()
            raise

    def read_now(self, n: int = PIECE) -> bytes | None:
        """What is there without waiting; None when nothing is, b"" at the end. Raises as `read` does."""
        while not self._ended:
            data = self._take_first()
            if data is None:
                data = self._pipe.read_now(n)
                if data is None:
                    return None
                if not data:
                    self._finish()
                    break
            payload = self._decode(data)
            if payload:
                return payload
        return b""

    async def read_all(self, limit: int = 256 << 20) -> bytes:
        """The whole rest of the body. Raises ProtocolError beyond `limit` bytes."""
        whole = bytearray()
        while data := await self.read():
            whole += data
            if len(whole) > limit:
                await self.aclose()
                raise ProtocolError(f"the Engine's answer is larger than {limit} bytes")
        return bytes(whole)

    async def aclose(self) -> None:
        """Close the connection and stop the upload, if there is one. Can be called twice."""
        self._ended = True
        self._close()
        if self._upload is not None and not self._upload.done():
            self._upload.cancel()
            await asyncio.gather(self._upload, return_exceptions=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while data := await self.read(BULK):
            yield data

    def _close(self) -> None:
        self._pipe.close()
        self._timer.close()

    async def _read(self, n: int) -> bytes:
        while not self._ended:
            data = self._take_first()
            if data is None:
                data = await self._receive(n)
                if not data:
                    self._finish()
                    break
            payload = self._decode(data)
            if payload:
                return payload
        return b""

    async def _receive(self, n: int) -> bytes:
        try:
            return await self._pipe.read(n)
        except StreamCut:
            if self._upload_failure is not None:
                raise self._upload_failure from None
            raise

    def _on_upload_done(self, upload: asyncio.Task[None]) -> None:
        # Without the rest of the body the Engine would wait for ever, and so would the reader.
        if not upload.cancelled() and (failure := upload.exception()):
            self._upload_failure = failure
            self._close()

    def _take_first(self) -> bytes | None:
        """The bytes that came together with the head, once."""
        first, self._first = self._first, None
        return first or None

    def _decode(self, data: bytes) -> bytes:
        try:
            payload = self._body.feed(data)
        except ProtocolError:
            self._ended = True
            self._close()
            raise
        if self._body.complete:
            self._ended = True
            self._close()
        if len(data) >= PIECE:
            self._rest_until = _AT_ONCE
        elif self._pacing is not None:
            self._rest_until = time.monotonic() + self._pacing.rest(len(data))
        return payload

    def _finish(self) -> None:
        self._ended = True
        self._close()
        self._body.end()

    async def _breathe(self) -> None:
        if not self._rest_until:
            return
        # A full read yields to the loop once: a flood, always readable, would starve everything else.
        left = self._rest_until - time.monotonic()
        self._rest_until = 0.0
        if 0 < left < REST_AFTER_FEW / 2:
            await self._timer.sleep(left)
        else:
            await asyncio.sleep(max(0.0, left))


class Duplex(ByteStream):
    """A hijacked connection: bytes in both directions (attach, exec)."""

    async def write(self, data: bytes) -> None:
        """Send input, in the order of the calls; waits while the Engine takes no more. Raises StreamCut."""
        await self._pipe.write(data)

    def write_now(self, data: bytes) -> int:
        """Send what can be sent without waiting, behind what others are sending; how many bytes that was.

        Raises StreamCut.
        """
        return self._pipe.write_now(data)

    async def write_eof(self) -> bool:
        """Say that no more input will come. False where the connection cannot be half-closed (TLS).

        Only an exec without a tty, or an attach to a container with StdinOnce and without a tty, keeps its
        output; any other attach is detached by it.
        """
        return self._pipe.write_eof()
