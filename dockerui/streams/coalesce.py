"""Pieces of a byte stream in sizes that suit a websocket: a lone line at once, a flood in large messages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from dockerui.engine.aio import ByteStream

LARGE = 16 << 10
LARGEST = 256 << 10
LONGEST = 0.02  # seconds that bytes may wait for company
_AT_ONCE = 10  # small messages in a row that go without waiting …
_PER_SECOND = 200  # … and how fast that allowance comes back
_LOOK = 0.002


class Coalescer:
    """Reads a stream in pieces of 16 to 256 KiB, or of whatever came within 20 ms, whichever is first.

    Small pieces go at once as long as there are few of them; only a stream of many small pieces waits.
    """

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._loop = asyncio.get_running_loop()
        self._allowance = float(_AT_ONCE)
        self._counted = self._loop.time()
        self._ended = False

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """The stream's bytes to its end. Raises as the stream's `read` does."""
        while not self._ended and (data := await self._stream.read()):
            if len(data) >= LARGE:
                yield self._gather(data)
            elif self._may_go():
                yield data
            else:
                yield await self._wait_for_company(data)

    def _may_go(self) -> bool:
        now = self._loop.time()
        self._allowance = min(_AT_ONCE, self._allowance + (now - self._counted) * _PER_SECOND)
        self._counted = now
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True

    async def _wait_for_company(self, data: bytes) -> bytes:
        parts, size = [data], len(data)
        until = self._loop.time() + LONGEST
        while size < LARGE and not self._ended and (left := until - self._loop.time()) > 0:
            await asyncio.sleep(min(left, _LOOK))
            size += self._add(parts)
        return b"".join(parts)

    def _gather(self, data: bytes) -> bytes:
        """Add what else is there already, up to the largest size."""
        parts, size = [data], len(data)
        # Crumbs mean that the Engine is writing right now: chasing them would cost a system call for every
        # line.
        while size < LARGEST and (more := self._add(parts)):
            size += more
            if more < LARGE:
                break
        return data if len(parts) == 1 else b"".join(parts)

    def _add(self, parts: list[bytes]) -> int:
        more = self._stream.read_now()
        if more is None:
            return 0
        if not more:
            self._ended = True
        parts.append(more)
        return len(more)
