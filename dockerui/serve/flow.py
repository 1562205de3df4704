"""Flow control between Twisted's transports and an ASGI application: a gate for output, an inbox for input.

Daphne's own ``send`` never waits and its input queues have no limit, so a client that does not read (or a
fast uploader) grows the server's memory by whatever the other side can produce. With these two, both sides
wait.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

Message = dict[str, Any]

INBOX_LIMIT = (
    256 * 1024
)  # bytes of input that may wait for the application before the socket is not read any more
MESSAGE_COST = 256  # bytes charged for any message, so that a flood of empty ones counts too


@implementer(IPushProducer)
class Gate:
    """Closed while the transport's send buffer is full; a coroutine can wait until it opens.

    To Twisted this is the producer of the connection's output: it is told to pause and to resume.
    """

    def __init__(self) -> None:
        self._waiter: asyncio.Event | None = None

    @property
    def is_open(self) -> bool:
        """May more be written?"""
        return self._waiter is None

    def pauseProducing(self) -> None:
        """The send buffer is full."""
        if self._waiter is None:
            self._waiter = asyncio.Event()

    def resumeProducing(self) -> None:
        """The send buffer is empty again."""
        if self._waiter is not None:
            self._waiter.set()
            self._waiter = None

    def stopProducing(self) -> None:
        """The connection is gone: nobody must wait for it."""
        self.resumeProducing()

    async def wait(self) -> None:
        """Return as soon as the gate is open."""
        while self._waiter is not None:
            await self._waiter.wait()


class Inbox:
    """Messages on their way to one application; asks the connection to stop reading while too much waits.

    ``pause`` and ``resume`` act on the connection's socket. One consumer calls ``get``.
    """

    def __init__(
        self, pause: Callable[[], None], resume: Callable[[], None], limit: int = INBOX_LIMIT
    ) -> None:
        self._messages: deque[Message] = deque()
        self._arrived = asyncio.Event()
        self._pause, self._resume = pause, resume
        self._limit = limit
        self._waiting = 0
        self._paused = False

    def put_nowait(self, message: Message) -> None:
        """Add a message; never blocks, but may stop the connection from reading."""
        self._messages.append(message)
        self._arrived.set()
        self._waiting += _cost(message)
        if self._waiting > self._limit and not self._paused:
            self._paused = True
        if self._paused:
            self._pause()

    async def get(self) -> Message:
        """The next message: the application's ``receive``."""
        while not self._messages:
            self._arrived.clear()
            await self._arrived.wait()
        message = self._messages.popleft()
        self._waiting -= _cost(message)
        if self._paused and self._waiting <= self._limit // 2:
            self._paused = False
            self._resume()
        return message


def _cost(message: Message) -> int:
    return MESSAGE_COST + len(message.get("body") or message.get("bytes") or message.get("text") or b"")
