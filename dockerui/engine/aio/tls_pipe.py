"""The pipe for TLS: asyncio's protocol underneath, with a bounded buffer."""

from __future__ import annotations

import asyncio

from dockerui.engine.errors import StreamCut

from .pipe import PIECE, Pipe, closed_here

_TLS_BUFFER = 256 * 1024


class TlsPipe(Pipe, asyncio.Protocol):
    """A TLS connection. Reading pauses while `_TLS_BUFFER` bytes wait to be taken."""

    def __init__(self) -> None:
        super().__init__()
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._paused = self._ended = False
        self._broken: Exception | None = None
        self._arrived = asyncio.Event()
        self._drained = asyncio.Event()
        self._drained.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._arrived.set()
        if len(self._buffer) > _TLS_BUFFER and self._transport and not self._paused:
            self._transport.pause_reading()
            self._paused = True

    def eof_received(self) -> bool:
        self._end(None)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc)
        self._drained.set()

    def pause_writing(self) -> None:
        self._drained.clear()

    def resume_writing(self) -> None:
        self._drained.set()

    def _end(self, exc: Exception | None) -> None:
        self._ended = True
        self._broken = self._broken or exc
        self._arrived.set()

    def read_now(self, limit: int = PIECE) -> bytes | None:
        """See Pipe."""
        if self.closed:
            raise closed_here()
        if self._buffer:
            data = bytes(self._buffer[:limit])
            del self._buffer[:limit]
            if self._paused and self._transport and len(self._buffer) <= _TLS_BUFFER // 2:
                self._paused = False
                self._transport.resume_reading()
            return data
        if self._broken:
            raise StreamCut(f"the TLS connection broke: {self._broken}") from self._broken
        return b"" if self._ended else None

    async def _wait_and_read(self, limit: int) -> bytes:
        while (data := self.read_now(limit)) is None:
            self._arrived.clear()
            await self._arrived.wait()
        return data

    async def _send_all(self, data: bytes) -> None:
        if self.closed:
            raise closed_here()
        if self._broken or self._transport is None or self._transport.is_closing():
            raise StreamCut("the TLS connection broke") from self._broken
        self._transport.write(data)
        await self._drained.wait()

    def write_eof(self) -> bool:
        """TLS of Python cannot half-close."""
        return False

    def close(self) -> None:
        """See Pipe."""
        if self.closed:
            return
        self.closed = True
        self._arrived.set()
        if self._transport:
            self._transport.abort()
