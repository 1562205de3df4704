"""Byte pipes to an Engine: unix and tcp sockets read directly, TLS through asyncio's protocol. Bounded
reading.

A pipe reads only when it is asked to, so the Engine feels a reader that stops. Everything that `ssl` and the
operating system raise leaves as an EngineError. A cancelled read or write closes the pipe: bytes may have
been lost in it.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from abc import ABC, abstractmethod
from collections.abc import Iterator

from dockerui.engine.endpoint import Endpoint
from dockerui.engine.errors import EngineUnavailable, StreamCut

PIECE = 64 * 1024
_TLS_BUFFER = 256 * 1024


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
            raise _closed_here()
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
            if self.closed:
                raise _closed_here()
            try:
                view = view[self._sock.send(view) :]
            except (BlockingIOError, InterruptedError):
                await self._wait_writable()
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
                waiter.set_exception(_closed_here())


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
            raise _closed_here()
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
            raise _closed_here()
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


async def connect(endpoint: Endpoint, timeout: float) -> Pipe:
    """Connect within `timeout` seconds. Raises EngineUnavailable."""
    loop = asyncio.get_running_loop()
    with _as_unavailable(endpoint):
        async with asyncio.timeout(timeout):
            if endpoint.tls:
                context = await asyncio.to_thread(endpoint.tls.context)  # reads files
                sock = await _socket(endpoint, loop)
                _, pipe = await loop.create_connection(
                    TlsPipe, sock=sock, ssl=context, server_hostname=endpoint.host
                )
                return pipe
            return SocketPipe(await _socket(endpoint, loop))


async def _socket(endpoint: Endpoint, loop: asyncio.AbstractEventLoop) -> socket.socket:
    if endpoint.scheme == "unix":
        return await _connected(loop, socket.AF_UNIX, endpoint.path)
    last: OSError | None = None
    found = await loop.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    for family, _, _, _, address in found:
        try:
            sock = await _connected(loop, family, address)
        except OSError as error:
            last = error
        else:
            _tune(sock)
            return sock
    raise last or OSError("the host has no address")


def _tune(sock: socket.socket) -> None:
    """Keystrokes at once; and a peer that vanished silently (power, a firewall) is noticed after a minute."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


async def _connected(
    loop: asyncio.AbstractEventLoop, family: int, address: str | tuple[str | int, ...] | tuple[int, bytes]
) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        await loop.sock_connect(sock, address)
    except BaseException:
        sock.close()
        raise
    return sock


@contextlib.contextmanager
def _as_unavailable(endpoint: Endpoint) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise EngineUnavailable(f"no connection to {endpoint} in time") from error
    except OSError as error:  # ssl.SSLError and socket.gaierror are ones
        raise EngineUnavailable(
            f"cannot reach the Engine at {endpoint}: {error.strerror or error}"
        ) from error


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


def _closed_here() -> StreamCut:
    return StreamCut("the connection was closed on this side")
