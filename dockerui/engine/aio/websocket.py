"""An attached terminal over the Engine's own websocket, with the interface of a hijacked connection."""

from __future__ import annotations

import asyncio
import contextlib

from dockerui.engine.errors import StreamCut
from dockerui.engine.protocol import websocket as codec
from dockerui.engine.protocol.http import LengthBody

from .exchange import Answer
from .pipe import PIECE
from .streams import Duplex

_GOING_AWAY_TIME = 1.0


class WebsocketDuplex(Duplex):
    """Bytes in both directions, as the payloads of websocket frames. Answers pings by itself."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer)
        self._frames = codec.FrameDecoder()
        self._ready = bytearray()
        self._over = False
        self._failure: StreamCut | None = None
        self.close_code: int | None = None

    async def read(self, n: int = PIECE) -> bytes:
        """Wait for payload bytes, at most `n`; b"" after the Engine closed the websocket.

        Raises StreamCut when the connection ended without a close frame or with an unusual code.
        """
        while not self._ready and not self._over:
            data = await super().read(n)
            if data:
                await self._take(data)
            else:
                self._over = True
                self._failure = StreamCut("the websocket ended without a close frame")
        if self._failure and not self._ready:
            raise self._failure
        return self._pop(n)

    def read_now(self, n: int = PIECE) -> bytes | None:
        """Payload bytes that were decoded already; None when `read` has to wait."""
        return self._pop(n) if self._ready or self._over else None

    async def write(self, data: bytes) -> None:
        """Send `data` as one binary frame. Raises StreamCut."""
        if data:
            await super().write(codec.data_frame(data))

    def write_now(self, data: bytes) -> int:
        """A frame is sent whole or not at all, so nothing without waiting."""
        return 0

    async def write_eof(self) -> bool:
        """A websocket has no half-close."""
        return False

    async def aclose(self) -> None:
        """Say goodbye where that does not block, and close."""
        if not self.closed and not self._over:
            try:
                async with asyncio.timeout(_GOING_AWAY_TIME):
                    await super().write(codec.close_frame())
            except (TimeoutError, StreamCut):
                pass  # the other side is gone or does not read: closing is all that is left
        self._over = True
        await super().aclose()

    def _pop(self, n: int) -> bytes:
        data = bytes(self._ready[:n])
        del self._ready[:n]
        return data

    async def _take(self, data: bytes) -> None:
        for frame in self._frames.feed(data):
            if frame.kind == "data":
                self._ready += frame.payload
            elif frame.kind == "ping":
                await super().write(codec.pong_frame(frame.payload))
            elif frame.kind == "close":
                await self._closed_by_engine(frame)
                return

    async def _closed_by_engine(self, frame: codec.Received) -> None:
        self.close_code = frame.code
        self._over = True
        self._body = LengthBody(0)
        with contextlib.suppress(StreamCut):  # it need not wait for our half of the handshake
            await super().write(codec.close_frame())
        await super().aclose()
        if frame.code not in (1000, 1001, 1005):
            self._failure = StreamCut(f"the websocket was closed with code {frame.code}")
