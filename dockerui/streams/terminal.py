"""One terminal's connection: an exec or an attach, read by one viewer at a time and outliving each of them.

A pump reads the Engine into a ring of the latest output; the viewer reads the ring, wherever it is. So a
browser that comes back goes on where it stopped, and a new one is shown the screen.

How far the pump reads ahead of the viewer is small while one looks (what is read ahead delays the effect of
Ctrl-C) and the whole ring while nobody does; then the Engine, and with it the process, waits. An attach must
never wait, for an unread attach blocks the container itself: its pump reads on, and the viewer is told how
many bytes it missed.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from dockerui.engine.aio import PACING, Duplex
from dockerui.engine.errors import EngineError

from .ring import ReplayRing

RING = 256 << 10
AHEAD = 64 << 10
READ = 64 << 10


@dataclass(frozen=True)
class Missed:
    """The viewer was too slow: `count` bytes of output are gone. What follows starts afresh."""

    count: int


class Superseded(Exception):
    """Somebody else looks at the terminal now."""


class TerminalStream:
    """Owns a hijacked connection from `start` to `aclose`. Belongs to one event loop.

    `framed`: the output is stdcopy frames (no tty); `drain`: read on even if nobody takes the output.
    """

    def __init__(self, duplex: Duplex, *, framed: bool, drain: bool = False, ring: int = RING) -> None:
        self.framed = framed
        self.ring = ReplayRing(ring, framed=framed)
        self.over = asyncio.Event()
        self.failure: EngineError | None = None
        self._duplex = duplex
        self._drain = drain
        self._viewer: Viewer | None = None
        self._seen = 0  # up to where the latest viewer has read
        self._room = asyncio.Event()
        self._pump = asyncio.create_task(self._run(), name="terminal")
        self._writes: set[asyncio.Task[None]] = set()

    async def write(self, data: bytes) -> None:
        """Send input; waits while the process takes no more. Raises StreamCut.

        A cancelled caller does not harm the connection: what it began to send is sent.
        """
        sent = 0 if self._writes else self._duplex.write_now(data)  # a key press needs no task of its own
        if sent == len(data):
            return
        writing = asyncio.create_task(self._duplex.write(data[sent:]))
        self._writes.add(writing)
        writing.add_done_callback(self._written)
        await asyncio.shield(writing)

    async def write_eof(self) -> bool:
        """Close the process's standard input; False where the connection has no half-close."""
        return await self._duplex.write_eof()

    def view(self, offset: int | None = None) -> Viewer:
        """Look at the output from `offset` on (None: from the oldest there is). Ends the view before it."""
        if self._viewer is not None:
            self._viewer.supersede()
        wanted = self.ring.start if offset is None else offset
        self._viewer = Viewer(self, self.ring.resumable(wanted))
        self._seen = self._viewer.offset
        return self._viewer

    async def aclose(self) -> None:
        """Close the connection; viewers see the end. Can be called twice."""
        self._pump.cancel()
        await asyncio.gather(self._pump, *self._writes, return_exceptions=True)

    def took(self, viewer: Viewer) -> None:
        """The viewer has read up to its offset: there may be room again."""
        if viewer is self._viewer:
            self._seen = viewer.offset
            self._room.set()

    def left(self, viewer: Viewer) -> None:
        """The viewer looks no more."""
        if viewer is self._viewer:
            self._viewer = None
            self._room.set()

    async def _run(self) -> None:
        try:
            with PACING.terminal():
                while data := await self._duplex.read(READ):
                    self.ring.append(data)
                    self._take_more(len(data))
                    if self._viewer is not None:
                        self._viewer.wake()
                    await self._wait_for_room()
        except EngineError as error:
            self.failure = error
        finally:
            self.over.set()
            if self._viewer is not None:
                self._viewer.wake()
            await self._duplex.aclose()

    def _take_more(self, taken: int) -> None:
        """A flood comes in small pieces: gather what is there into one frame for the browser."""
        while taken < READ and (data := self._duplex.read_now(READ - taken)):
            self.ring.append(data)
            taken += len(data)

    async def _wait_for_room(self) -> None:
        await asyncio.sleep(0)  # the viewer's turn; a socket that is always readable would never give it one
        while not self._drain and self.ring.end - self._seen >= self._ahead:
            self._room.clear()
            await self._room.wait()

    @property
    def _ahead(self) -> int:
        return AHEAD if self._viewer else self.ring.limit // 2

    def _written(self, writing: asyncio.Task[None]) -> None:
        self._writes.discard(writing)
        if not writing.cancelled():
            writing.exception()  # told to the caller, unless that one was cancelled


class Viewer:
    """Reads a terminal's output, piece by piece, to its end."""

    def __init__(self, stream: TerminalStream, offset: int) -> None:
        self.offset = offset
        self._stream = stream
        self._news = asyncio.Event()
        self._superseded = False

    async def read(self, n: int = AHEAD) -> bytes | Missed:
        """The next bytes, at most `n`; b"" at the end of the output. Raises Superseded."""
        ring = self._stream.ring
        while not self._superseded:
            if self.offset < ring.start:
                return self._skip()
            if self.offset < ring.end:
                data = ring.read(self.offset, n)
                self.offset += len(data)
                self._stream.took(self)
                return data
            if self._stream.over.is_set():
                return b""
            self._news.clear()
            await self._news.wait()
        raise Superseded

    def close(self) -> None:
        """Look no more; the terminal goes on without a viewer."""
        self._stream.left(self)

    @property
    def is_current(self) -> bool:
        """Whether nobody took over."""
        return not self._superseded

    def wake(self) -> None:
        """There is news: output, or the end."""
        self._news.set()

    def supersede(self) -> None:
        """Another viewer took over."""
        self._superseded = True
        self._news.set()

    def _skip(self) -> Missed:
        before, self.offset = self.offset, self._stream.ring.resumable(self.offset)
        self._stream.took(self)
        return Missed(self.offset - before)
