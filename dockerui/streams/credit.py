"""The credit window: how much may be under way to a reader that has not said yet that it consumed it.

An ASGI server's `send` does not wait for the browser. Without a window a stalled browser grows the server by
whatever the Engine sends; with one, the sender stops, and with it the reading of the source.
"""

from __future__ import annotations

import asyncio
from collections import deque


class WindowClosed(Exception):
    """The window was closed: the reader is gone."""


class CreditWindow:
    """Lets at most `limit` bytes be under way. Waiters go first come, first served. Bound to one event loop.

    >>> window = CreditWindow(100)
    >>> window.available
    100
    """

    def __init__(self, limit: int = 1 << 20) -> None:
        if limit <= 0:
            raise ValueError("a window needs a positive limit")
        self.limit = limit
        self.closed = False
        self._under_way = 0
        self._waiters: deque[tuple[int, asyncio.Future[None]]] = deque()

    @property
    def under_way(self) -> int:
        """Bytes sent and not yet acknowledged."""
        return self._under_way

    @property
    def available(self) -> int:
        """Bytes that may be sent at once; 0 while others wait for their turn."""
        return 0 if self._waiters else max(0, self.limit - self._under_way)

    async def acquire(self, n: int) -> None:
        """Wait until `n` more bytes may be under way, and count them. More than `limit` go alone.

        Raises WindowClosed, also for those who wait when it closes.
        """
        if self.closed:
            raise WindowClosed
        if not self._waiters and self._fits(n):
            self._under_way += n
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (n, turn)
        self._waiters.append(entry)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.ack(n)  # the turn had come, but nobody will use it
            else:
                self._leave(entry)
            raise

    def ack(self, n: int) -> None:
        """The reader consumed `n` bytes. More than are under way count as all of them."""
        self._under_way = max(0, self._under_way - max(0, n))
        self._admit()

    def close(self) -> None:
        """End the window; whoever waits gets WindowClosed. Can be called twice."""
        self.closed = True
        while self._waiters:
            _, turn = self._waiters.popleft()
            if not turn.done():
                turn.set_exception(WindowClosed())

    def _fits(self, n: int) -> bool:
        return self._under_way == 0 or self._under_way + n <= self.limit

    def _admit(self) -> None:
        while self._waiters and self._fits(self._waiters[0][0]):
            n, turn = self._waiters.popleft()
            if not turn.done():
                self._under_way += n
                turn.set_result(None)

    def _leave(self, entry: tuple[int, asyncio.Future[None]]) -> None:
        if entry in self._waiters:
            self._waiters.remove(entry)
            self._admit()  # a smaller one behind it may fit
