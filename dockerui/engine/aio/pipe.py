"""Byte pipes to an Engine, and the one for unix and tcp sockets, which it reads directly. Reading is bounded.

A pipe reads only when it is asked to, so the Engine feels a reader that stops. Everything that `ssl` and the
operating system raise leaves as an EngineError. A cancelled read or write closes the pipe: bytes may have
been lost in it.
"""

from __future__ import annotations

import asyncio
import socket
from abc import ABC, abstractmethod

from dockerui.engine.errors import StreamCut

PIECE = 64 * 1024
BULK = 256 * 1024
"""What a body of many megabytes is read in: more than a unix socket holds, so that each read empties it."""


class Pipe(ABC):
    """A connected byte stream in both directions. One reader and one writer at a time."""

    closed = False

    def __init__(self) -> None:
        self._writing = asyncio.Lock()

    @abstractmethod
    def read_now(self, limit: int = PIECE) -> bytes | None:
        """What has arrived, at most `limit` bytes; b"" at the end, None when nothing is there. Never
        waits.
        """

    @abstractmethod
    async def _wait_and_read(self, limit: int) -> bytes:
        """Wait until something arrives and return it."""

    @abstractmethod
    async def _send_all(self, data: bytes) -> None:
        """Hand all of `data` to the operating system, waiting while it takes no more."""

    @abstractmethod
    def write_eof(self) -> bool:
        """Close the writing half; False where that is impossible (TLS)."""

    @abstractmethod
    def close(self) -> None:
        """Close at once, dropping what is buffered. Can be called twice."""

    async def read(self, limit: int = PIECE) -> bytes:
        """Wait for bytes and return at most `limit` of them; b"" at the end of the connection.

        Raises StreamCut when the connection breaks or was closed on this side.
        """
        try:
            data = self.read_now(limit)
            return await self._wait_and_read(limit) if data is None else data
        except asyncio.CancelledError:
            self.close()
            raise

    def write_now(self, data: bytes) -> int:
        """Send what can be sent without waiting and without overtaking anybody; how many bytes that was.

        Raises StreamCut when the connection broke.
        """
        return 0 if self._writing.locked() else self._send_now(data)

    def _send_now(self, data: bytes | memoryview) -> int:
        """Hand to the operating system what it takes at once."""
        return 0

    async def write(self, data: bytes) -> None:
        """Send all of `data`; callers are served in order. Raises StreamCut when the connection broke."""
        try:
            async with self._writing:
                await self._send_all(data)
        except asyncio.CancelledError:
            self.close()
            raise


class SocketPipe(Pipe):
    """A unix or tcp socket. Reads straight from the socket: no transport, no copy, one wake-up per
    arrival.
    """

    def __init__(self, sock: socket.socket) -> None:
        super().__init__()
        self._sock = sock
        self._loop = asyncio.get_running_loop()
        self._limit = PIECE
        self._reader: asyncio.Future[bytes] | None = None
        self._writer: asyncio.Future[None] | None = None
        self._watching = False

    def read_now(self, limit: int = PIECE) -> bytes | None:
        """See Pipe."""
        if self.closed:
            raise closed_here()
        try:
            return self._sock.recv(limit)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError as error:
            raise StreamCut(f"the connection broke: {error.strerror}") from error

    async def _wait_and_read(self, limit: int) -> bytes:
        if self._reader is not None:
            raise RuntimeError("somebody else is reading from this pipe")
        self._limit = limit
        self._reader = self._loop.create_future()
        if not self._watching:
            self._loop.add_reader(self._sock, self._on_readable)
            self._watching = True
        try:
            return await self._reader
        finally:
            self._reader = None

    def _on_readable(self) -> None:
        # The watch stays on between reads and goes only when bytes arrive that nobody waits for: a reader
        # that keeps up costs no system call for watching.
        reader = self._reader
        if reader is None or reader.done():
            self._loop.remove_reader(self._sock)
            self._watching = False
            return
        try:
            data = self.read_now(self._limit)
        except StreamCut as error:
            reader.set_exception(error)
        else:
            if data is not None:
                reader.set_result(data)

    async def _send_all(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            sent = self._send_now(view)
            view = view[sent:]
            if not sent:
                await self._wait_writable()

    def _send_now(self, data: bytes | memoryview) -> int:
        if self.closed:
            raise closed_here()
        try:
            return self._sock.send(data)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError as error:
            raise StreamCut(f"the connection broke: {error.strerror}") from error

    async def _wait_writable(self) -> None:
        self._writer = self._loop.create_future()
        self._loop.add_writer(self._sock, _wake, self._writer)
        try:
            await self._writer
        finally:
            self._writer = None
            if not self.closed:
                self._loop.remove_writer(self._sock)

    def write_eof(self) -> bool:
        """See Pipe."""
        if self.closed:
            return False
        try:
            self._sock.shutdown(socket.SHUT_WR)
        except OSError:
            return False  # the peer is gone; the reader will be told
        return True

    def close(self) -> None:
        """See Pipe."""
        if self.closed:
            return
        self.closed = True
        self._loop.remove_reader(self._sock)
        self._loop.remove_writer(self._sock)
        self._sock.close()
        for waiter in (self._reader, self._writer):
            if waiter is not None and not waiter.done():
                waiter.set_exception(closed_here())


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


def closed_here() -> StreamCut:
    """What reading or writing a pipe raises after it was closed on this side."""
    return StreamCut("the connection was closed on this side")
