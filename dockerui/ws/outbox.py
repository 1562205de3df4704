"""The way out of one socket, in fixed memory.

An ASGI server's `send` need not wait for the browser (Daphne's never does), so a browser that stops reading
would grow the server by whatever is sent. Text frames are therefore counted: after every `MARK_EVERY`
characters goes `{"ev":"sync","n":<characters so far>}`, the browser echoes `{"op":"sync","n":…}` when it has
worked through everything before it, and whoever wants to send waits while more than `TEXT_WINDOW` characters
are unanswered. Small replies that must not wait (`post`) may go over it once more; a browser that provokes
even more of them without reading is closed. Bytes are counted per channel by `ChannelHandle.send_bytes`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from dockerui.ws.errors import FLOOD, Breach

TEXT_WINDOW = 512 << 10
MARK_EVERY = 64 << 10


class Outbox:
    """Counts and sends the frames of one socket; after `close` frames fall into the void."""

    def __init__(self, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        self._send = send
        self._sent = self._marked = self._answered = 0
        self._room = asyncio.Event()
        self._room.set()
        self.closed = False

    @property
    def unanswered(self) -> int:
        """Characters sent and not yet known to have been read."""
        return self._sent - self._answered

    async def send(self, text: str) -> None:
        """Send a text frame as soon as the browser has room for it."""
        while self.unanswered >= TEXT_WINDOW and not self.closed:
            self._room.clear()
            await self._room.wait()
        await self._put(text)

    async def post(self, text: str) -> None:
        """Send a small text frame now. Raises `Breach` 1008 when the browser reads none of them."""
        if self.unanswered > 2 * TEXT_WINDOW:
            raise Breach(FLOOD, "asks without reading the answers")
        await self._put(text)

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary frame; the caller holds the credit for it."""
        if not self.closed:
            await self._send({"type": "websocket.send", "bytes": data})

    def synced(self, n: int) -> None:
        """The browser has worked through the first `n` characters."""
        self._answered = max(self._answered, min(n, self._marked))
        if self.unanswered < TEXT_WINDOW:
            self._room.set()

    async def close(self, code: int, reason: str) -> None:
        """Close the socket; later frames are dropped and waiting senders let go."""
        self.mute()
        await self._send({"type": "websocket.close", "code": code, "reason": reason})

    def mute(self) -> None:
        """The socket is as good as gone: drop what comes and let waiting senders go."""
        self.closed = True
        self._room.set()

    async def _put(self, text: str) -> None:
        if self.closed:
            return
        self._sent += len(text)
        await self._send({"type": "websocket.send", "text": text})
        if self._sent - self._marked >= MARK_EVERY:
            self._marked = self._sent
            await self._send({"type": "websocket.send", "text": f'{{"ev":"sync","n":{self._sent}}}'})
